package labeler.survey;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.StoredLabel;

/** Labels that let in a VM that should not be, now or later. Each file is judged once, whoever names it. */
final class LabelRules {
    private final HostFacts host;
    private final Map<FileIdentity, FileFacts> files = new LinkedHashMap<>();
    private final Map<FileIdentity, List<VmIdentity>> users = new HashMap<>();
    private final Set<FileIdentity> shared = new HashSet<>();

    private LabelRules(HostFacts host) {
        this.host = host;
        host.files().forEach(file -> files.putIfAbsent(file.identity(), file));
        for (VmFacts vm : host.vms()) {
            for (VmFileFacts one : vm.files()) {
                FileIdentity identity = one.file().identity();
                files.putIfAbsent(identity, one.file());
                users.computeIfAbsent(identity, _ -> new ArrayList<>()).add(vm.identity());
                if (one.shareable()) {
                    shared.add(identity);
                }
            }
        }
    }

    static List<Flaw> of(HostFacts host) {
        return new LabelRules(host).flaws();
    }

    private List<Flaw> flaws() {
        List<Flaw> flaws = new ArrayList<>();
        files.values().forEach(file -> {
            dead(file).ifPresent(flaws::add);
            idle(file).ifPresent(flaws::add);
            misplaced(file).ifPresent(flaws::add);
        });
        for (VmFacts vm : host.vms()) {
            for (VmFileFacts file : vm.files()) {
                open(vm, file).ifPresent(flaws::add);
            }
        }
        return flaws;
    }

    private Optional<Flaw> dead(FileFacts file) {
        Optional<Level> level = file.label().flatMap(StoredLabel::level);
        boolean isDead = host.pairs().isPresent()
                && level.isPresent()
                && isVms(file)
                && !host.pairs().get().contains(level.get().pair());
        return isDead
                ? Optional.of(flaw(
                        FlawKind.DEAD_LABEL,
                        Severity.WARNING,
                        file,
                        users.getOrDefault(file.identity(), List.of()),
                        "no VM has " + level.get() + " any more, and the next one that is given this pair may open it",
                        "labeler recover --scan " + ShellWord.of(file.path().parent()) + " --apply"))
                : Optional.empty();
    }

    /** Containers have pairs as well, also those that do not run just now. */
    private boolean isVms(FileFacts file) {
        return hasType(file, host.contexts().image())
                || hasType(file, host.contexts().content());
    }

    private static boolean hasType(FileFacts file, SecurityContext context) {
        return type(file).equals(Optional.of(context.type()));
    }

    private static Optional<String> type(FileFacts file) {
        return file.label().flatMap(StoredLabel::context).map(SecurityContext::type);
    }

    /** At this type without a pair every VM may write it. */
    private Optional<Flaw> idle(FileFacts file) {
        boolean isOpen = host.mode() != SelinuxHost.Mode.INACTIVE
                && hasType(file, host.contexts().image())
                && file.label().flatMap(StoredLabel::level).isEmpty()
                && !shared.contains(file.identity())
                && !users.containsKey(file.identity());
        return isOpen
                ? Optional.of(flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.WARNING,
                        file,
                        List.of(),
                        "no VM uses it, and its label " + printable(file) + " lets every VM write it",
                        "restorecon -F " + ShellWord.of(file.path())))
                : Optional.empty();
    }

    private Optional<Flaw> misplaced(FileFacts file) {
        return file.expected()
                .filter(_ -> file.label().flatMap(StoredLabel::level).isEmpty())
                .map(expected -> flaw(
                        FlawKind.WRONG_CONTEXT,
                        Severity.WARNING,
                        file,
                        users.getOrDefault(file.identity(), List.of()),
                        "it has " + printable(file) + ", and the policy's type for its place is " + expected.type()
                                + ": programs may reach it that should not, and its VM may not",
                        "restorecon -v " + ShellWord.of(file.path())
                                + "; semanage fcontext says it otherwise for a directory of your own"));
    }

    /** A VM that SELinux confines, with a disk that is not its alone. */
    private Optional<Flaw> open(VmFacts vm, VmFileFacts one) {
        Optional<Level> own = vm.process().flatMap(ProcessFacts::level);
        Optional<StoredLabel> label = one.file().label();
        boolean isOpen = host.mode() != SelinuxHost.Mode.INACTIVE
                && one.image()
                && one.written()
                && one.now()
                && !one.shareable()
                && own.isPresent()
                && label.isPresent()
                && !label.get().level().equals(own);
        return isOpen
                ? Optional.of(
                        flaw(
                                FlawKind.OPEN_IMAGE,
                                Severity.DANGER,
                                one.file(),
                                List.of(vm.identity()),
                                "it is written now, and its label " + printable(one.file())
                                        + " does not have the VM's own pair: another VM may open it",
                                "labeler relabel NAME for a VM of labeler's; otherwise start the VM again, so that it gets a pair"))
                : Optional.empty();
    }

    private static String printable(FileFacts file) {
        return file.label().map(StoredLabel::printable).orElse("none");
    }

    private static Flaw flaw(
            FlawKind kind, Severity severity, FileFacts file, List<VmIdentity> vms, String harm, String remedy) {
        return new Flaw(kind, severity, Optional.of(file.path()), vms, harm, remedy);
    }
}
