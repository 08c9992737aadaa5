"""What the tabs of one student's record show, as named tuples with every value formatted for the reader's language.

Nothing here asks who is reading: callers pass students that came out of `Student.visible_to`.
"""
