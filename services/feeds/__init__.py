"""The importer: OneRoster and supplement CSV files in, the portal's feed tables out (DESIGN §7).

`importer.run` is the way in. `files` declares what is read and `landings` where it lands; `sources` opens folders and
zips, `staging` parses rows into temporary tables, `compare` finds what differs from the live tables, and `apply`
writes that in one short transaction.
"""
