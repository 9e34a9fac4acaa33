package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.List;

/**
 * The place at which a node is written.
 *
 * @param keys from the option's node down
 */
public record NodePlace(OptionPlace option, List<String> keys) {
    public NodePlace {
        keys = List.copyOf(keys);
    }

    NodePlace below(List<String> more) {
        return new NodePlace(option, path(more));
    }

    /** The path from the option's node to a value of this one. */
    public List<String> path(String key) {
        return path(List.of(key));
    }

    private List<String> path(List<String> more) {
        List<String> path = new ArrayList<>(keys);
        path.addAll(more);
        return path;
    }
}
