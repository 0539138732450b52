"""One module for each revision. A released one is never changed: files in the field were made by it."""
