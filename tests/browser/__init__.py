"""The pages as people see them: the demonstration's cities in a headless Chromium."""
