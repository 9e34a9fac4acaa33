package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.QmpClient;
import labeler.guard.record.AuditEvent;
import labeler.guard.relay.MonitorTap;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;

/** One of the VMs of a sequence: its disk is NAME-top, on NAME-mid, on a base that all VMs share. */
final class RandomVm implements AutoCloseable {
    /** Images of each VM beside its disk: two of their own, and one on the base. */
    static final List<String> SPARE = List.of("spare1", "spare2", "over");

    private static final Set<String> MIGRATING = Set.of("setup", "active", "device", "cancelling");

    private final String name;
    private final FollowedHost host;
    private final Path directory;
    private final JudgedQemu vm;
    private final QmpClient direct;
    private final VmBook book;
    private final SentCommands sent;
    private boolean isGone;

    /** @param lower the option of the file nodes below the top */
    RandomVm(FollowedHost host, Path directory, String name, String lower) throws IOException {
        this.name = name;
        this.host = host;
        this.directory = directory;
        this.book = new VmBook(name);
        List<String> nodes = new ArrayList<>();
        String below = "null";
        for (String image : List.of("base", "mid", "top")) {
            String file = image.equals("base") ? image : name + "-" + image;
            boolean isTop = image.equals("top");
            nodes.add("{\"driver\":\"file\",\"node-name\":\"" + image + "-file\",\"filename\":\"" + host.path(file)
                    + "\"," + (isTop ? "\"auto-read-only\":true" : lower) + "}");
            nodes.add("{\"driver\":\"qcow2\",\"node-name\":\"" + image + "\",\"file\":\"" + image
                    + "-file\",\"backing\":" + below + ",\"read-only\":" + !isTop + "}");
            below = "\"" + image + "\"";
        }
        Files.createDirectories(runtime(directory, name));
        this.sent = new SentCommands(host, directory.resolve("found"), name);
        this.vm = new JudgedQemu(
                host,
                directory,
                new VmName(name),
                JudgedQemu.arguments(
                        nodes,
                        List.of("virtio-scsi-pci,id=scsi", "virtio-blk-pci,drive=top,id=vd0", "ide-cd,id=cd0", "VGA")),
                sent);
        this.direct = vm.relayed().directClient().negotiated();
    }

    /** The images that it has before its start. */
    static void make(FollowedHost host, String name) throws IOException {
        JudgedQemu.make(host, name + "-mid", "base");
        JudgedQemu.make(host, name + "-top", name + "-mid");
        JudgedQemu.make(host, name + "-spare1", "");
        JudgedQemu.make(host, name + "-spare2", "");
        JudgedQemu.make(host, name + "-over", "base");
    }

    /** Where its qemu may listen, in the VM's directory. */
    static Path runtime(Path directory, String name) {
        return directory.resolve("run").resolve(name);
    }

    String name() {
        return name;
    }

    VmBook book() {
        return book;
    }

    JudgedQemu vm() {
        return vm;
    }

    MonitorTap tap() {
        return vm.relayed().tap().orElseThrow();
    }

    boolean isGone() {
        return isGone;
    }

    QemuFacts facts() throws IOException {
        return isGone
                ? QemuFacts.none()
                : QemuFacts.of(direct, vm.relayed().process().pid());
    }

    GuardModel.Seen seen() throws IOException {
        return isGone
                ? new GuardModel.Seen(
                        new VmBook(name), vm.image(), QemuFacts.none(), host.holds(name), sent.complaints())
                : new GuardModel.Seen(book, vm.image(), facts(), host.holds(name), sent.complaints());
    }

    /** The service was killed in the middle of a command: qemu's own word is what the book has. */
    void bookAsItIs() throws IOException {
        String there = direct.done("{'execute':'qom-list','arguments':{'path':'/objects'}}")
                + direct.done("{'execute':'query-chardev'}").toString();
        book.still(id -> there.contains("=" + id + "]"));
    }

    /** Waits until a job is concluded or gone, or a migration is over. */
    void await(String job) throws IOException {
        eventually(
                job + " is over",
                () -> job.equals(Step.MIGRATION)
                        ? !MIGRATING.contains(migration())
                        : "concluded".equals(facts().jobs().getOrDefault(job, "concluded")));
    }

    /** The answer; there is one unless qemu dies of the command. */
    JsonObject ask(String command) throws IOException {
        try {
            return vm.client().ask(command);
        } catch (IOException e) {
            String end = vm.relayed().process().isAlive()
                    ? "lives"
                    : "has ended with " + vm.relayed().process().exitValue();
            throw new IOException(
                    name + ": its qemu " + end + ": " + Files.readString(directory.resolve("qemu/stderr")), e);
        }
    }

    private String migration() throws IOException {
        return ((JsonObject) direct.done("{'execute':'query-migrate'}"))
                .text("status")
                .orElse("none");
    }

    /** What qemu has opened that it was not given. */
    List<String> drift() {
        return vm.entries().stream()
                .filter(entry -> entry.event() == AuditEvent.DRIFT)
                .map(entry -> name + ": " + entry)
                .toList();
    }

    void guardedAgain() throws IOException {
        if (!isGone) {
            vm.guardedAgain(directory);
        }
    }

    /** qemu is killed; whoever looks after the VM says so to the service. */
    void kill() {
        vm.relayed().process().destroyForcibly().onExit().join();
        isGone = true;
        host.lifecycle().stop(new VmName(name), Optional.empty());
    }

    @Override
    public void close() throws IOException {
        vm.close();
    }
}
