"""The rules of the portal. Services know the tables and get settings passed in; they never import Flask."""
