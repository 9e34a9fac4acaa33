package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service is killed before or after each write of its journal while a disk gets an overlay, is committed, is
 * mirrored: each time the next service brings labels and holds to what the qemu then has.
 */
class KilledServiceTest {
    /** More than any of the commands writes. */
    private static final int MOST_WRITES = 12;

    private final List<RandomVm> vms = new ArrayList<>();
    private int points;

    @TempDir
    Path root;

    @SuppressWarnings("NullAway.Init") // set by the test
    private KillableService service;

    @SuppressWarnings("NullAway.Init") // set by the test
    private RandomVm vm;

    @SuppressWarnings("NullAway.Init") // the fields are set by the test
    KilledServiceTest() {}

    /** A command that is interrupted: what has to be there before, and the command in the light of that. */
    private record Flow(List<Next> before, Next command) {}

    /** A command; empty where it is not needed. */
    @FunctionalInterface
    private interface Next {
        Optional<Step> after(VmBook book, QemuFacts facts);
    }

    @Test
    void labels_follow_what_qemu_has_wherever_the_service_is_killed() throws IOException {
        Path place = root.resolve("host");
        try (FollowedHost host = new FollowedHost(place)) {
            JudgedQemu.make(host, "base", "");
            RandomVm.make(host, "one");
            service = new KillableService(host, vms);
            Set<Path> before = new HashSet<>(service.model().labels().keySet());
            vm = new RandomVm(host, Files.createDirectory(place.resolve("one")), "one", "\"auto-read-only\":true");
            vms.add(vm);
            try {
                service.check();
                for (Flow flow : flows(host)) {
                    atEachWrite(flow, true);
                    atEachWrite(flow, false);
                }
                service.end(before);
            } finally {
                vm.close();
            }
        }
        System.out.println("killed at " + points + " writes");
        assertThat(points).isGreaterThan(10);
    }

    private static List<Flow> flows(FollowedHost host) {
        Next overlay = (book, facts) -> facts.chain().size() < 3 ? snapshot(book, facts, host) : Optional.empty();
        Next end = (_, facts) -> complete(facts);
        Next commit = (book, facts) -> commit(book, facts, 0);
        Next mirror = (book, facts) -> mirror(book, facts, host);
        // What a job has left above the disk is in the way of the next.
        Next clean = (_, facts) -> remove(facts);
        return List.of(
                new Flow(List.of(), (book, facts) -> snapshot(book, facts, host)),
                new Flow(List.of(overlay), (book, facts) -> commit(book, facts, 1)),
                new Flow(List.of(end, clean, overlay), commit),
                new Flow(List.of(end, clean, overlay, commit), end),
                new Flow(List.of(end, clean, overlay), KilledServiceTest::stream),
                new Flow(List.of(end, clean), mirror),
                new Flow(List.of(end, clean, mirror), end),
                new Flow(List.of(end), clean));
    }

    /** Until the command is done with no kill. */
    private void atEachWrite(Flow flow, boolean isBefore) throws IOException {
        for (int write = 1; write < MOST_WRITES; write++) {
            for (Next before : flow.before()) {
                makeReady(before);
            }
            service.check();
            Optional<Step> step = flow.command().after(vm.book(), vm.facts());
            if (step.isEmpty()) {
                return;
            }
            service.killAt(write, isBefore);
            Optional<JsonObject> answer = service.ask(vm, step.get().command());
            untilJobsRest();
            while (!service.isKilled() && !service.isAsPromised()) {
                Thread.onSpinWait();
            }
            boolean isKilled = service.isKilled();
            service.restart();
            try {
                service.check();
            } catch (AssertionError e) {
                throw new AssertionError(
                        "killed " + (isBefore ? "before" : "after") + " write " + write + " of " + step.get(), e);
            }
            if (!isKilled) {
                assertThat(answer).isPresent();
                return;
            }
            points++;
        }
    }

    private void makeReady(Next before) throws IOException {
        for (Optional<Step> step = before.after(vm.book(), vm.facts());
                step.isPresent();
                step = before.after(vm.book(), vm.facts())) {
            vm.ask(step.get().command());
            untilJobsRest();
        }
    }

    /** What a job does by itself is done; one that is ready waits. */
    private void untilJobsRest() throws IOException {
        while (vm.facts().jobs().values().stream()
                .anyMatch(status -> !status.equals("ready") && !status.equals("concluded"))) {
            Thread.onSpinWait();
        }
    }

    private static Optional<Step> snapshot(VmBook book, QemuFacts facts, FollowedHost host) {
        String layer = book.name("layer");
        return Optional.of(Step.of(
                "blockdev-snapshot-sync",
                "'node-name':'" + facts.disk().orElseThrow() + "','snapshot-file':'" + host.path(layer)
                        + "','snapshot-node-name':'" + layer + "','format':'qcow2'"));
    }

    /** The image at this place of the chain goes into the one below. */
    private static Optional<Step> commit(VmBook book, QemuFacts facts, int at) {
        List<String> chain = facts.chain();
        if (chain.size() < at + 3 || !facts.jobs().isEmpty()) {
            return Optional.empty();
        }
        String job = book.name("job");
        return Optional.of(Step.of(
                "block-commit",
                "'job-id':'" + job + "','device':'" + chain.getFirst() + "','top-node':'" + chain.get(at)
                        + "','base-node':'" + chain.get(at + 1) + "'"));
    }

    private static Optional<Step> stream(VmBook book, QemuFacts facts) {
        List<String> chain = facts.chain();
        return chain.size() < 3
                ? Optional.empty()
                : Optional.of(Step.of(
                        "block-stream",
                        "'job-id':'" + book.name("job") + "','device':'" + chain.getFirst() + "','base-node':'"
                                + chain.get(2) + "'"));
    }

    private static Optional<Step> mirror(VmBook book, QemuFacts facts, FollowedHost host) {
        String copy = book.name("copy");
        String job = book.name("job");
        if (!facts.jobs().isEmpty()) {
            return Optional.empty();
        }
        book.job(job, host.path(copy));
        return Optional.of(Step.of(
                "drive-mirror",
                "'job-id':'" + job + "','device':'" + facts.disk().orElseThrow() + "','target':'" + host.path(copy)
                        + "','format':'qcow2','sync':'full','node-name':'" + copy + "'"));
    }

    private static Optional<Step> complete(QemuFacts facts) {
        return facts.jobs().keySet().stream().findFirst().map(job -> Step.of("job-complete", "'id':'" + job + "'"));
    }

    private static Optional<Step> remove(QemuFacts facts) {
        return facts.lone().stream()
                .findFirst()
                .map(node -> Step.of("blockdev-del", "'node-name':'" + node.name() + "'"));
    }
}
