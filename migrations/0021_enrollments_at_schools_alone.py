"""Students who are listed under the district's org too are not enrolled there: the pilot's switch is a school's."""

_NO_SCHOOL = """
    DELETE FROM school_enrollment
    WHERE (substr(sourced_id, 1, 5) = 'user:' OR substr(sourced_id, 1, 6) = 'class:')
        AND school_id IN (SELECT id FROM school WHERE kind <> 'school')
        AND EXISTS (SELECT 1 FROM school WHERE kind = 'school' AND active)"""


def up(migrator, db):
    db.execute_sql(_NO_SCHOOL)


def down(migrator, db):
    """The feed's next import says again who is enrolled where."""
