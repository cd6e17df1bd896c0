"""The database and the words of the domain; knows no HTTP and no JSON-LD."""
