package labeler.journal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.plan.VmContexts;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * One object for each value that records have in common: labels, reasons, uses, a file's path under its several names.
 * Ten thousand VMs with ten files each share few values; without this there would be a hundred thousand copies.
 */
public final class CommonValues {
    /**
     * Far more values than VMs share. Those of one VM alone, as an origin that names its image, come as well, and would be
     * kept for nothing. To forget a value costs memory and nothing else.
     */
    private static final int MOST = 1 << 12;

    private final Map<Object, Object> values = new HashMap<>();

    /** The object that stands for this value from now on. */
    @SuppressWarnings("unchecked") // A key and its value are one and the same, hence of one class.
    private <T> T one(T value) {
        if (values.size() >= MOST) {
            values.clear();
        }
        Object known = values.putIfAbsent(value, value);
        return known == null ? value : (T) known;
    }

    /** The same record, with common values. */
    public FileRecord file(FileRecord file) {
        return new FileRecord(
                file.id(),
                file.identity(),
                one(file.fileSystem()),
                file.path(),
                file.realPath().equals(file.path()) ? file.path() : file.realPath(),
                file.handle(),
                one(file.bootId()),
                file.original().map(this::exactly),
                file.applied().map(this::exactly),
                file.earlier().stream().map(this::exactly).collect(Collectors.toUnmodifiableSet()),
                file.sharing(),
                file.givenBackIn().map(this::one));
    }

    /** Labels that differ only in a NUL at their end are equal, but must be set back exactly as they were. */
    private StoredLabel exactly(StoredLabel label) {
        StoredLabel known = one(label);
        return known.hasSameBytes(label) ? known : label;
    }

    /**
     * The same record, with common values.
     *
     * @param files the records of its holds, if they exist
     */
    public VmRecord vm(VmRecord vm, Function<Long, Optional<FileRecord>> files) {
        return vm(vm, vm.files().stream().map(hold -> hold(hold, files)).toList());
    }

    /**
     * The same record, with common values.
     *
     * @param holds its holds, which have them already
     */
    VmRecord vm(VmRecord vm, List<FileHold> holds) {
        return new VmRecord(
                vm.name(),
                vm.phase(),
                new VmContexts(
                        vm.contexts().level(),
                        context(vm.contexts().process()),
                        context(vm.contexts().image()),
                        one(context(vm.contexts().content())),
                        one(context(vm.contexts().shared()))),
                vm.process(),
                one(vm.confinement()),
                holds,
                vm.external(),
                vm.disks(),
                one(new VmRecord.Start(
                        one(vm.start().bootId()),
                        vm.start().by(),
                        vm.start().directory().map(this::one))));
    }

    private SecurityContext context(SecurityContext context) {
        return new SecurityContext(one(context.user()), one(context.role()), one(context.type()), one(context.level()));
    }

    FileHold hold(FileHold hold, Function<Long, Optional<FileRecord>> files) {
        OptionalLong id = hold.file();
        Optional<HostPath> path = id.isPresent() ? files.apply(id.getAsLong()).map(FileRecord::path) : Optional.empty();
        return new FileHold(
                id,
                path.filter(hold.path()::equals).orElse(hold.path()),
                hold.treatment(),
                one(hold.reason()),
                one(hold.uses()),
                one(hold.trigger()),
                one(hold.handed()),
                hold.made());
    }
}
