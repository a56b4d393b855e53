"""What every proof file is judged with: its form, its steps, the checkpoint it rests on, and the verdict."""
