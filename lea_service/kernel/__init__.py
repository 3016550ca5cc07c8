"""What every slice stands on: time, ids, errors, actors, bytes, storage, keys, jobs."""
