package labeler.vm.qemu.text;

import java.util.List;
import labeler.json.Json;

/** A value to put in place of what an argument has there, if anything: by its keys, the outermost first. */
public record Edit(List<String> path, Json value) {
    public Edit {
        path = List.copyOf(path);
    }
}
