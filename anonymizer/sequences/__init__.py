"""Event histories and the LSTM that learns them. The only room that imports torch.

Letters of dimensions mean the same everywhere in it; (...) stands for any of them.

    N events of E entities     B histories of a batch     T events of a window
    M events that are meant    J heads of an event        V tokens of a head
    P parts of a profile       S classes that are counted C features of an event
    H units of the LSTM        W width of an embedding    L layers of the LSTM
    D units of a head          X inputs of the heads      R heads of large vocabularies
    Q candidates of a pointer  F reasons of a candidate   I tokens drawn for a loss
    Y shares of a day          U borders, or tokens before
    Z latent numbers           G kinds of entities        A ranks
    O numbers known of a span

`k` is the number of entities that must hold something before it may be known.
"""
