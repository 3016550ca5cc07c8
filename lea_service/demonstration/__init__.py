"""The main job from end to end on sample data, for people who want to see before they read."""
