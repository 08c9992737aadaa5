"""What the staff of schools do in the portal: who they are, whom they may see, and what they decide.

Every function takes the `Office` of the person who acts: what that person may not see does not exist for it.
"""
