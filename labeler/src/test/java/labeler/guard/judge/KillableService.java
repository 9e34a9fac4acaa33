package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;

/** A service with its VMs. It can be killed at a write of its journal, and another takes its place. */
final class KillableService {
    private final FollowedHost host;
    private final List<RandomVm> vms;
    private final GuardModel model;

    /** @param vms which may become more */
    KillableService(FollowedHost host, List<RandomVm> vms) {
        this.host = host;
        this.vms = vms;
        this.model = new GuardModel(host);
    }

    GuardModel model() {
        return model;
    }

    /** From now on the journal takes this many writes: the service is killed before the last of them, or after it. */
    void killAt(int write, boolean isBefore) {
        if (isBefore) {
            host.journal().killBefore(write);
        } else {
            host.journal().killAfter(write);
        }
    }

    /** From now on the VM's qemu gets this many commands, and the service is killed when it has the last. */
    void killWhenSent(RandomVm vm, int command) {
        vm.tap().cutAt(command, () -> host.journal().killBefore(1));
    }

    boolean isKilled() {
        return host.journal().isKilled()
                || vms.stream()
                        .filter(vm -> !vm.isGone())
                        .anyMatch(vm -> vm.tap().isCut());
    }

    /** The answer to a command; empty if the service is killed before it comes. */
    Optional<JsonObject> ask(RandomVm vm, String command) {
        AtomicReference<JsonObject> answer = new AtomicReference<>();
        Thread asking = Thread.ofVirtual().start(() -> {
            try {
                answer.set(vm.vm().client().ask(command));
            } catch (IOException e) {
                // The connection has ended with the service.
            }
        });
        eventually("an answer, or the end of the service", () -> !asking.isAlive() || isKilled());
        return Optional.ofNullable(answer.get());
    }

    /** The service is killed, if it is not yet, and another takes its place. */
    void restart() throws IOException {
        host.journal().killBefore(1);
        for (RandomVm vm : vms) {
            if (!vm.isGone()) {
                vm.vm().relayed().unguarded();
            }
        }
        host.restart();
        for (RandomVm vm : vms) {
            vm.guardedAgain();
        }
    }

    /** All is as promised, now or soon: some of it follows an event. */
    void check() throws IOException {
        List<String> last = new ArrayList<>();
        eventually(() -> String.join("\n", last), () -> {
            last.clear();
            last.addAll(complaints());
            return last.isEmpty();
        });
        for (RandomVm vm : vms) {
            assertThat(vm.drift()).isEmpty();
        }
    }

    boolean isAsPromised() throws IOException {
        return complaints().isEmpty();
    }

    List<String> complaints() throws IOException {
        List<GuardModel.Seen> seen = new ArrayList<>();
        for (RandomVm vm : vms) {
            if (!vm.isGone() && !vm.vm().relayed().process().isAlive()) {
                throw new AssertionError(vm.name() + ": qemu has ended by itself");
            }
            seen.add(vm.seen());
        }
        return model.complaints(seen);
    }

    /** All VMs end. Each image is whole, and has the label that it had before any of them. */
    void end(Set<Path> before) throws IOException {
        Set<String> contexts = new HashSet<>();
        for (RandomVm vm : vms) {
            contexts.add(vm.vm().image());
            if (!vm.isGone()) {
                vm.kill();
            }
        }
        check();
        assertThat(model.atTheEnd(before, contexts)).isEmpty();
        for (Path file : model.labels().keySet()) {
            if (QemuFacts.isQcow2(file) && !file.getFileName().toString().endsWith("-evil")) {
                sound(file);
            }
        }
    }

    /** qemu, which was killed, may leave clusters that nobody uses (3), but no damage (2). */
    private static void sound(Path image) throws IOException {
        Process check = new ProcessBuilder("qemu-img", "check", "-q", "-f", "qcow2", image.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.onExit().join().exitValue()).as("%s: %s", image, said).isIn(0, 3);
    }
}
