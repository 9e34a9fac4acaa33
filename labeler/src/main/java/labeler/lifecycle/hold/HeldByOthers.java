package labeler.lifecycle.hold;

import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.journal.FileHold;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.HeldFile;
import labeler.plan.HeldFiles;
import labeler.vm.VmName;

/** The held files as they are for one VM that runs: its own holds stand in no way, and count as uses. */
public record HeldByOthers(Holdings holdings, VmName vm) implements HeldFiles {
    @Override
    public Optional<HeldFile> find(FileIdentity identity) {
        return holdings.find(identity).map(file -> file.without(vm));
    }

    @Override
    public List<HeldFile> otherNodes(long device, FileIdentity node) {
        return holdings.otherNodes(device, node).stream()
                .map(file -> file.without(vm))
                .filter(HeldFile::isHeld)
                .toList();
    }

    @Override
    public boolean areOfOneVm() {
        return true;
    }

    @Override
    public List<FileUse> own(FileIdentity identity) {
        return holdings.file(identity)
                .flatMap(file -> holdings.vm(vm).map(held -> uses(held.files(), file.id())))
                .orElse(List.of());
    }

    /** All uses of a file by these holds. */
    public static List<FileUse> uses(List<FileHold> holds, long file) {
        return holds.stream()
                .filter(hold -> hold.isOn(file))
                .flatMap(hold -> hold.uses().stream())
                .toList();
    }

    @Override
    public Optional<VmName> around(HostPath realPath, boolean isTree) {
        return holdings.around(realPath, isTree);
    }

    @Override
    public Optional<VmName> maker(HostPath name) {
        return holdings.maker(name).filter(other -> !other.equals(vm));
    }
}
