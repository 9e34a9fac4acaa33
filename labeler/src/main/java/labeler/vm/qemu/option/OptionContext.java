package labeler.vm.qemu.option;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.block.Drives;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/** One option while it is being read: its text, and the result that it adds to. */
record OptionContext(PlacedOption option, CommandLineBuilder parsing) {
    private static final String BOUND = "qemu listens there: it makes the socket itself";

    String argument() {
        return option.argument();
    }

    Origin origin() {
        return option.origin();
    }

    Drives drives() {
        return parsing.drives();
    }

    /** Its argument as settings. */
    Argument settings(String impliedKey) {
        return Argument.inSettings(argument(), impliedKey);
    }

    /** Its argument as settings or as JSON; empty, with a problem, if it is neither. */
    Optional<Argument> either(String impliedKey) {
        Optional<Argument> either = Argument.either(argument(), impliedKey);
        if (either.isEmpty()) {
            parsing.out().malformed(origin(), "not JSON");
        }
        return either;
    }

    void notUnderstood(String what, String wayOut) {
        parsing.out().notUnderstood(origin(), what, wayOut);
    }

    /** A file whose name cannot be replaced. */
    void file(FileRole role, String name, UseAccess access) {
        parsing.out().file(origin(), role, ByteText.bytes(name), access);
    }

    /** A file, and the substitute that qemu accepts for its name. */
    void file(FileRole role, String name, UseAccess access, NameSubstitute takes, FilePlace.Spot spot) {
        parsing.file(new FilePlace(option, takes, spot), role, name, access);
    }

    void made(FileRole role, String name, Making making, String reason) {
        parsing.out().made(origin(), role, ByteText.bytes(name), making, reason);
    }

    void pipe(String name) {
        parsing.out().pipe(origin(), ByteText.bytes(name));
    }

    /** The first of these that exists. */
    void searched(FileRole role, List<String> names, UseAccess access) {
        List<byte[]> bytes = names.stream().map(ByteText::bytes).toList();
        Optional<DeclaredUse> _ = parsing.out().searched(origin(), role, bytes, access);
    }

    /** A file that qemu uses if it exists. */
    void perhaps(FileRole role, String name, UseAccess access) {
        path(name)
                .map(path -> new DeclaredUse.OptionalUse(origin(), role, path, access))
                .ifPresent(parsing.out()::use);
    }

    /** A node of the host that many processes use. */
    void shared(String name, UseAccess access) {
        file(FileRole.SHARED_DEVICE, name, access);
    }

    /** A directory with everything below it. */
    void tree(String name, UseAccess access) {
        path(name)
                .map(root -> new DeclaredUse.TreeUse(origin(), FileRole.TREE, root, access))
                .ifPresent(parsing.out()::use);
    }

    void device(HostDevice device) {
        parsing.out().use(new DeclaredUse.DeviceUse(origin(), FileRole.HOST_DEVICE, device));
    }

    private Optional<HostPath> path(String name) {
        return parsing.out().path(origin(), ByteText.bytes(name));
    }

    void abstractSocket() {
        parsing.out().abstractSocket(origin(), "give it a path in the VM's runtime directory (/run/labeler/vms/NAME)");
    }

    /** Firmware that qemu also looks for in its data directories. */
    void firmware(FileRole role, String name, FilePlace.Spot spot) {
        parsing.directories().search(new FilePlace(option, new NameSubstitute.Copy(), spot), role, name);
    }

    /** A Unix socket that qemu listens on. */
    void socket(String name) {
        socket(name, BOUND);
    }

    void socket(String name, String reason) {
        parsing.out().socket(origin(), ByteText.bytes(name), reason);
    }
}
