package labeler.survey;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.selinux.Clearance;

/** The walls around processes. */
final class ProcessRules {
    private static final int MOST_NAMED = 4;

    private ProcessRules() {}

    /** @param types of VMs' processes */
    static List<Flaw> of(List<VmFacts> vms, Collection<String> types) {
        List<Flaw> flaws = new ArrayList<>();
        for (VmFacts vm : vms) {
            vm.process().flatMap(process -> wall(vm, process)).ifPresent(flaws::add);
        }
        by(vms, process -> process.own(types)).forEach((level, same) -> {
            if (same.size() > 1) {
                flaws.add(sameLevel(level, same));
            }
        });
        Map<Clearance, List<VmIdentity>> levels = by(vms, process -> process.clearance(types));
        levels.forEach((level, same) -> above(level, same, levels).ifPresent(flaws::add));
        return flaws;
    }

    private static Map<Clearance, List<VmIdentity>> by(
            List<VmFacts> vms, Function<ProcessFacts, Optional<Clearance>> level) {
        Map<Clearance, List<VmIdentity>> levels = new LinkedHashMap<>();
        for (VmFacts vm : vms) {
            vm.process()
                    .flatMap(level)
                    .ifPresent(found -> levels.computeIfAbsent(found, _ -> new ArrayList<>())
                            .add(vm.identity()));
        }
        return levels;
    }

    private static Flaw sameLevel(Clearance level, List<VmIdentity> vms) {
        return flaw(vms, "they all run at " + level + ", so each may open all files of the others");
    }

    /** A level lets in all that include it. */
    private static Optional<Flaw> above(Clearance level, List<VmIdentity> at, Map<Clearance, List<VmIdentity>> levels) {
        List<Clearance> above = levels.keySet().stream()
                .filter(other -> !other.equals(level) && other.dominates(level))
                .toList();
        List<VmIdentity> vms = Stream.concat(
                        at.stream(), above.stream().flatMap(other -> levels.getOrDefault(other, List.of()).stream()))
                .toList();
        String named = above.stream().limit(MOST_NAMED).map(Clearance::toString).collect(Collectors.joining(" and "));
        String more = above.size() > MOST_NAMED ? " and " + (above.size() - MOST_NAMED) + " more levels" : "";
        return above.isEmpty()
                ? Optional.empty()
                : Optional.of(flaw(
                        vms,
                        "VMs at " + named + more + " may open all files of those at " + level
                                + ", since that level is part of theirs"));
    }

    private static Flaw flaw(List<VmIdentity> vms, String harm) {
        return new Flaw(
                FlawKind.SAME_PAIR,
                Severity.DANGER,
                Optional.empty(),
                vms,
                harm,
                "end those that share a pair, or whose level is no pair, and start them without a level of their own, so"
                        + " that each gets a pair that nobody has");
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
