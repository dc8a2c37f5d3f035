"""A client's list of what is coming, read from whatever the client sends: which line names the columns, what each
column means, what a row is.

Pure: what a file says depends on the file and the mapping, never on what stands in the database. ``docs/manifests.md`` describes it.
"""
