"""One module and its templates per resource; each has its `routes`."""
