"""The demo district: writes a made-up school district as OneRoster and supplement CSV files.

Nothing here knows the portal's tables. The files go in through the real importer, as a district's own would.

    from services.demo import write_district
    cast = write_district(Path("out"), students=400, seed=1, today=date(2026, 3, 15))
"""

from services.demo.cast import Cast, Persona, demo_cast
from services.demo.district import write_district

__all__ = ["Cast", "Persona", "demo_cast", "write_district"]
