"""What each figure is called and means, one file a concept like the definitions beside this folder."""
