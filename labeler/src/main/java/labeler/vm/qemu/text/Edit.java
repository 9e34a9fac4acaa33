package labeler.vm.qemu.text;

import java.util.List;
import labeler.json.Json;

/** A value that replaces the present one in an argument, if any: by its keys, the outermost first. */
public record Edit(List<String> path, Json value) {
    public Edit {
        path = List.copyOf(path);
    }
}
