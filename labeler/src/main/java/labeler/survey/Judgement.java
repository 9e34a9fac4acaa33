package labeler.survey;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.problem.Problem;
import labeler.selinux.SelinuxHost;

/** Judges what was seen of a host. */
public final class Judgement {
    /** More help nobody, and fill a terminal and a page. */
    private static final int MOST_FLAWS = 1_000;

    private static final int MOST_UNSEEN = 200;

    private Judgement() {}

    public static Survey of(Sight sight) {
        HostFacts host = sight.facts();
        List<Flaw> flaws = Stream.of(
                        SharedImages.of(host.vms()),
                        ProcessRules.of(host.vms(), host.contexts().processTypes()),
                        ImageRules.of(host),
                        LabelRules.of(host),
                        ofHost(host))
                .flatMap(List::stream)
                .sorted(Flaw.WORST_FIRST)
                .toList();
        List<Unseen> unseen = new ArrayList<>(unjudged(host));
        unseen.addAll(sight.unseen());
        host.vms().forEach(vm -> unseen.addAll(unseen(vm.identity().text(), vm.problems())));
        unseen.addAll(unseen("", host.problems()));
        if (flaws.size() > MOST_FLAWS) {
            unseen.addFirst(new Unseen(
                    (flaws.size() - MOST_FLAWS) + " more findings",
                    "no more than " + MOST_FLAWS + " are shown; mend the worst, or name fewer directories"));
        }
        return new Survey(
                flaws.stream().allMatch(flaw -> flaw.severity() == Severity.NOTICE),
                unseen.isEmpty(),
                sight.looked(),
                flaws.stream().limit(MOST_FLAWS).toList(),
                bounded(unseen.stream().distinct().toList()));
    }

    private static List<Unseen> bounded(List<Unseen> all) {
        if (all.size() <= MOST_UNSEEN) {
            return all;
        }
        List<Unseen> some = new ArrayList<>(all.subList(0, MOST_UNSEEN));
        some.add(new Unseen((all.size() - MOST_UNSEEN) + " more", "no more than " + MOST_UNSEEN + " are named"));
        return some;
    }

    /** One line for each file, and one for all that a definition leaves open. */
    private static List<Unseen> unseen(String whose, List<ImageProblem> problems) {
        Map<String, List<String>> reasons = problems.stream()
                .map(ImageProblem::problem)
                .filter(ImageRules::isUnseen)
                .collect(Collectors.groupingBy(
                        problem -> what(problem, whose),
                        LinkedHashMap::new,
                        Collectors.mapping(Problem::message, Collectors.toList())));
        return reasons.entrySet().stream()
                .map(entry -> new Unseen(
                        entry.getKey(),
                        entry.getValue().getFirst()
                                + (entry.getValue().size() > 1
                                        ? " (and " + (entry.getValue().size() - 1) + " more reasons)"
                                        : "")))
                .toList();
    }

    private static String what(Problem problem, String whose) {
        return problem.file()
                .map(file -> file.printable() + (whose.isEmpty() ? "" : ", of " + whose))
                .orElse(whose.isEmpty() ? "some files" : "some files of " + whose);
    }

    private static List<Flaw> ofHost(HostFacts host) {
        List<Flaw> flaws = new ArrayList<>();
        host.opening()
                .forEach(name -> flaws.add(new Flaw(
                        FlawKind.OPENING_BOOLEAN,
                        Severity.WARNING,
                        Optional.empty(),
                        List.of(),
                        name + " is on: every VM may open by name every file on that kind of file system",
                        "setsebool -P " + name + " off; labeler run hands such files over, open")));
        if (host.mode() == SelinuxHost.Mode.PERMISSIVE) {
            flaws.add(new Flaw(
                    FlawKind.NOT_ENFORCING,
                    Severity.WARNING,
                    Optional.empty(),
                    List.of(),
                    "SELinux is permissive: it logs what a VM should not do, and lets it do it",
                    "setenforce 1, and SELINUX=enforcing in /etc/selinux/config"));
        }
        return flaws;
    }

    /** The rules that have no facts here. */
    private static List<Unseen> unjudged(HostFacts host) {
        List<Unseen> unjudged = new ArrayList<>();
        if (host.mode() == SelinuxHost.Mode.INACTIVE) {
            unjudged.add(new Unseen(
                    "pairs of processes, labels of images in use, contexts of places, booleans",
                    "SELinux is not active here, so no label keeps a VM out"));
        }
        for (VmFacts vm : host.vms()) {
            vm.process().ifPresent(process -> {
                if (process.wall() instanceof ProcessWall.Unknown(String why)) {
                    unjudged.add(new Unseen("the wall around " + vm.identity().text(), why));
                }
            });
        }
        return unjudged;
    }
}
