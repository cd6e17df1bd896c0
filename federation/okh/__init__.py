"""Open Know-How: manifests of open hardware and their lists of parts, read and written. Pure."""
