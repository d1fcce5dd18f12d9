"""What `mlscore doctor` looks at beyond the store, the policy and the model."""
