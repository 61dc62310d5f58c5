"""`poe embed-prototypes`: the vectors of the sentences that a message is compared with before anything else."""

from src.chat.safety.prototypes import embed_prototypes

if __name__ == "__main__":
    embed_prototypes()
