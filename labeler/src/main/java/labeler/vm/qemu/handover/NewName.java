package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.vm.qemu.option.FilePlace;
import labeler.vm.qemu.text.Argument;

/** A name that replaces another one. */
record NewName(FilePlace.Spot spot, String name) {
    /** An argument with new names in it. */
    static String written(String argument, List<NewName> names) {
        String written = argument;
        // A spot knows the argument as it was read; all spots of one argument know the same one.
        Optional<Argument> changed = Optional.empty();
        for (NewName name : names) {
            switch (name.spot) {
                case FilePlace.From(int start) -> written = argument.substring(0, start) + name.name;
                case FilePlace.Value(Argument read, int index) ->
                    changed = Optional.of(changed.orElse(read).withValue(index, name.name));
                case FilePlace.Part(Argument read, int index, int part) -> {
                    Argument now = changed.orElse(read);
                    List<String> parts = new ArrayList<>(FilePlace.parts(now, index));
                    parts.set(part, name.name);
                    changed = Optional.of(now.withValue(index, String.join(":", parts)));
                }
            }
        }
        return changed.map(Argument::text).orElse(written);
    }
}
