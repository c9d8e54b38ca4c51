"""What goes with a release: bills of materials, the release itself, and the repository that apt reads."""
