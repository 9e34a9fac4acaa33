package labeler.survey;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.selinux.Level;

/** The walls around processes. */
final class ProcessRules {
    private ProcessRules() {}

    static List<Flaw> of(List<VmFacts> vms) {
        List<Flaw> flaws = new ArrayList<>();
        Map<Level, List<VmIdentity>> levels = new LinkedHashMap<>();
        for (VmFacts vm : vms) {
            vm.process().ifPresent(process -> {
                process.level()
                        .ifPresent(level -> levels.computeIfAbsent(level, _ -> new ArrayList<>())
                                .add(vm.identity()));
                wall(vm, process).ifPresent(flaws::add);
            });
        }
        levels.forEach((level, same) -> {
            if (same.size() > 1) {
                flaws.add(samePair(level, same));
            }
        });
        return flaws;
    }

    private static Flaw samePair(Level level, List<VmIdentity> vms) {
        return new Flaw(
                FlawKind.SAME_PAIR,
                Severity.DANGER,
                Optional.empty(),
                vms,
                "both run at " + level + ", so each may open all files of the other",
                "end one of them and start it without a level of its own, so that it gets a pair that nobody has");
    }

    private static Optional<Flaw> wall(VmFacts vm, ProcessFacts process) {
        return switch (process.wall()) {
            case ProcessWall.Stands _, ProcessWall.Unknown _ -> Optional.empty();
            case ProcessWall.Missing(String why) ->
                Optional.of(new Flaw(
                        FlawKind.NO_WALL,
                        process.user() == 0 ? Severity.DANGER : Severity.WARNING,
                        Optional.empty(),
                        List.of(vm.identity()),
                        why + ": a guest that breaks out of its qemu may do whatever "
                                + (process.user() == 0 ? "root" : "user " + process.user()) + " may, with every file",
                        "labeler run NAME -- COMMAND LINE starts it with a wall, also without SELinux; a domain of libvirt's"
                                + " needs SELinux or AppArmor"));
        };
    }
}
