"""Printed pages: text in every script that the fonts have, tables that break over pages, a frame around each page.

`text` measures, breaks and sets lines; `document` lays out pages. Neither knows what is written on them.
"""
