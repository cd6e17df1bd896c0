"""Three cities that run on one machine, with people who need and offer things."""
