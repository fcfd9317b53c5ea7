"""Reports: a run's records as pages and files for people and machines."""
