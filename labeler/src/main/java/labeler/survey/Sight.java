package labeler.survey;

import java.util.List;

/** All that a look at a host has shown, and what it could not show. */
public record Sight(HostFacts facts, Looked looked, List<Unseen> unseen) {
    public Sight {
        unseen = List.copyOf(unseen);
    }
}
