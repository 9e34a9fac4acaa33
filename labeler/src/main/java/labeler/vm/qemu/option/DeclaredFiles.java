package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/** Puts the files that options name into the definition, and remembers for each where its name stands. */
final class DeclaredFiles {
    private final DefinitionBuilder out;
    private final Map<DeclaredUse, List<FilePlace>> places = new LinkedHashMap<>();

    DeclaredFiles(DefinitionBuilder out) {
        this.out = out;
    }

    /** As {@link DefinitionBuilder#file}. */
    void file(FilePlace place, FileRole role, String name, UseAccess access) {
        remember(place, out.file(place.option().origin(), role, ByteText.bytes(name), access));
    }

    /** As {@link DefinitionBuilder#searched}; the first of the names is the one that stands there. */
    void searched(FilePlace place, FileRole role, List<byte[]> names, UseAccess access) {
        remember(place, out.searched(place.option().origin(), role, names, access));
    }

    private void remember(FilePlace place, Optional<DeclaredUse> use) {
        use.ifPresent(
                found -> places.computeIfAbsent(found, _ -> new ArrayList<>()).add(place));
    }

    Map<DeclaredUse, List<FilePlace>> places() {
        return places;
    }
}
