package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.record.AuditEntry;
import labeler.guard.relay.RelayedQemu;
import labeler.journal.FileHold;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/** A VM on record, its real qemu, and the judge before its monitor. */
final class JudgedQemu implements AutoCloseable {
    private static final VmName NAME = new VmName("one");

    /** Behind the fact, what to do. */
    private static final Pattern WAY_OUT = Pattern.compile(
            "; .*\\b(add|allow|ask|choose|commit|connect|copy|correct|declare|export|find|give|label|leave|look|make|move"
                    + "|name|open|own|put|remove|send|set|start|stop|try|use|wait|write)\\b");

    private final FollowedHost host;
    private final VmName name;
    private final List<AuditEntry> entries = new CopyOnWriteArrayList<>();
    private final AtomicBoolean isFaultDue = new AtomicBoolean();
    private final RelayedQemu relayed;
    private QmpClient client;
    private final String image;

    /** @param nodes of its command line, each in JSON; {@code %s} is the directory of the images */
    JudgedQemu(FollowedHost host, Path directory, List<String> nodes, List<String> devices) throws IOException {
        this(host, directory, nodes, devices, GuardConfig.DEFAULT);
    }

    JudgedQemu(FollowedHost host, Path directory, List<String> nodes, List<String> devices, GuardConfig settings)
            throws IOException {
        this(host, directory, NAME, arguments(nodes, devices), settings);
    }

    /** A VM of this name. Each has a directory of its own. */
    JudgedQemu(FollowedHost host, Path directory, VmName name, List<String> arguments, GuardConfig settings)
            throws IOException {
        this(host, directory, name, arguments, settings, Optional.empty());
    }

    /** The same, and somebody looks at each command before qemu has it. */
    JudgedQemu(FollowedHost host, Path directory, VmName name, List<String> arguments, SentCommands watcher)
            throws IOException {
        this(host, directory, name, arguments, GuardConfig.DEFAULT, Optional.of(watcher));
    }

    private JudgedQemu(
            FollowedHost host,
            Path directory,
            VmName name,
            List<String> arguments,
            GuardConfig settings,
            Optional<SentCommands> watcher)
            throws IOException {
        this.host = host;
        this.name = name;
        Path files = Files.createDirectories(directory.resolve("qemu"));
        this.image = start(host, name, arguments, HostPath.of(files));
        LiveJudges judges = judges(directory, settings);
        watcher.ifPresent(sent -> sent.image(image));
        this.relayed = watcher.isPresent()
                ? RelayedQemu.watched(files, arguments, qemu -> judges.of(name, qemu), watcher.get())
                : new RelayedQemu(files, arguments, qemu -> judges.of(name, qemu));
        this.client = relayed.guardedClient().negotiated();
    }

    static List<String> arguments(List<String> nodes, List<String> devices) {
        List<String> arguments = new ArrayList<>(List.of("-M", "q35", "-m", "32", "-nic", "none"));
        nodes.forEach(node -> arguments.addAll(List.of("-blockdev", node)));
        devices.forEach(device -> arguments.addAll(List.of("-device", device)));
        return arguments;
    }

    private LiveJudges judges(Path directory, GuardConfig settings) throws IOException {
        DomainLabels labels = new DomainLabels(settings);
        // Only a domain of libvirt's can have labels of libvirt's.
        settings.labels()
                .ifPresent(_ ->
                        labels.starts(new StartingDomain(name, Optional.empty(), false, Optional.empty(), true, true)));
        return new LiveJudges(
                host.files(),
                this::log,
                new CommandTables(),
                settings,
                new RuntimeDirectories(directory.resolve("run"), (_, _) -> {}, OptionalInt.empty()),
                host.journal(),
                labels);
    }

    private void log(AuditEntry entry) {
        if (isFaultDue.getAndSet(false)) {
            throw new IllegalStateException("a fault after the verdict");
        }
        entries.add(entry);
    }

    /** From here on, what comes after the next verdict fails. */
    void failOnce() {
        isFaultDue.set(true);
    }

    /** Another service has taken the place of the one that was killed. */
    void guardedAgain(Path directory) throws IOException {
        LiveJudges judges = judges(directory, GuardConfig.DEFAULT);
        relayed.again(qemu -> judges.of(name, qemu));
        client = relayed.guardedClient().negotiated();
    }

    private static String start(FollowedHost host, VmName name, List<String> arguments, HostPath directory) {
        List<byte[]> argv = Stream.concat(Stream.of("qemu-system-x86_64"), arguments.stream())
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        QemuCommandLine line = QemuCommandLine.read(argv, directory);
        return host.start(new StartRequest(
                name,
                line.definition(),
                Optional.of(line),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
    }

    /** A VM with a disk {@code vd0} of images that lie on one another, the lowest first; each is a node of its name. */
    static JudgedQemu withChain(FollowedHost host, Path directory, String... names) throws IOException {
        return withChain(host, directory, GuardConfig.DEFAULT, List.of(), "\"auto-read-only\":true", names);
    }

    /**
     * The same.
     *
     * @param devices beside the disk
     * @param lower the option of the file nodes below the top
     */
    static JudgedQemu withChain(
            FollowedHost host,
            Path directory,
            GuardConfig settings,
            List<String> devices,
            String lower,
            String... names)
            throws IOException {
        List<String> nodes = new ArrayList<>();
        String below = "";
        for (String name : names) {
            boolean isTop = name.equals(names[names.length - 1]);
            make(host, name, below);
            nodes.add("{\"driver\":\"file\",\"node-name\":\"" + name + "-file\",\"filename\":\"" + host.path(name)
                    + "\"," + (isTop ? "\"auto-read-only\":true" : lower) + "}");
            nodes.add("{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":"
                    + (below.isEmpty() ? "null" : "\"" + below + "\"") + (isTop ? "}" : ",\"read-only\":true}"));
            below = name;
        }
        List<String> all = new ArrayList<>(devices);
        all.add("virtio-blk-pci,drive=" + below + ",id=vd0");
        return new JudgedQemu(host, directory, nodes, all, settings);
    }

    /**
     * A VM with a drive {@code drive0} of the older way, its root the node {@code root}, on the device {@code vd0}. Below are
     * images that lie on one another, the lowest first.
     *
     * @param more of its command line
     */
    static JudgedQemu withDrive(FollowedHost host, Path directory, List<String> more, String... names)
            throws IOException {
        String top = "";
        for (String name : names) {
            make(host, name, top);
            top = name;
        }
        List<String> arguments = new ArrayList<>(arguments(List.of(), List.of("pcie-root-port,id=gate")));
        arguments.addAll(List.of(
                "-drive",
                "if=none,id=drive0,node-name=root,format=qcow2,file=" + host.path(top),
                "-device",
                "virtio-blk-pci,drive=drive0,id=vd0"));
        arguments.addAll(more);
        return new JudgedQemu(host, directory, NAME, arguments, GuardConfig.DEFAULT);
    }

    /** A VM with a disk that its command line names from qemu's own directory. */
    static JudgedQemu withRelativeName(FollowedHost host, Path directory, String name) throws IOException {
        make(host, name, "");
        String file = "../images/" + name;
        return new JudgedQemu(
                host,
                directory,
                List.of(
                        "{\"driver\":\"file\",\"node-name\":\"file\",\"filename\":\"" + file
                                + "\",\"auto-read-only\":true}",
                        "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"file\"}"),
                List.of("virtio-blk-pci,drive=" + name + ",id=vd0"));
    }

    /** An image of 4 MiB with some data of its own. */
    static void make(FollowedHost host, String name, String backing) throws IOException {
        String path = host.path(name).toString();
        List<String> create = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        if (!backing.isEmpty()) {
            create.addAll(List.of("-b", host.path(backing).toString(), "-F", "qcow2"));
        }
        create.addAll(List.of(path, "4M"));
        run(create);
        run(List.of("qemu-io", "-f", "qcow2", "-c", "write -P 7 64k 1M", path));
        host.setLabel(name, FollowedHost.HOME);
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(command + " ended with " + process.exitValue());
        }
    }

    /** Waits for a state. A test that would hang fails after minutes, with the holds that there are. */
    void until(BooleanSupplier isSo) {
        eventually(() -> "a state; holds: " + holds(), isSo::getAsBoolean);
    }

    /** Waits until a job has this status. */
    void untilJob(String job, String status) throws IOException {
        while (true) {
            String jobs = JsonWriter.compact(client.done("{'execute':'query-jobs'}"));
            if (jobs.contains("\"" + job + "\"") && jobs.contains("\"" + status + "\"")) {
                return;
            }
        }
    }

    /** Waits until a job has gone, and with it the holds for it. */
    void untilGone(String job) throws IOException {
        eventually(
                job + " is gone",
                () -> !JsonWriter.compact(client.done("{'execute':'query-jobs'}"))
                        .contains("\"" + job + "\""));
        until(() -> holds().stream().noneMatch(hold -> hold.trigger().text().startsWith("job")));
    }

    /** Waits until a job is concluded, and dismisses it. */
    void dismissed(String job) throws IOException {
        untilJob(job, "concluded");
        done("{'execute':'job-dismiss','arguments':{'id':'" + job + "'}}");
    }

    /** The label of files that this VM writes. */
    String image() {
        return image;
    }

    QmpClient client() {
        return client;
    }

    RelayedQemu relayed() {
        return relayed;
    }

    List<AuditEntry> entries() {
        return entries;
    }

    List<FileHold> holds() {
        return host.holds(name.value());
    }

    /** What a command returns. */
    void done(String command) throws IOException {
        client.done(command);
    }

    /** The text of the error that a command is answered with. One of the guard's says what to do. */
    String refused(String command) throws IOException {
        JsonObject answer = client.ask(command);
        String text = answer.get("error")
                .filter(JsonObject.class::isInstance)
                .map(error -> ((JsonObject) error).text("desc").orElse(""))
                .orElseThrow(() -> new AssertionError(command + ": " + answer));
        if (text.startsWith("labeler ") && !WAY_OUT.matcher(text).find()) {
            throw new AssertionError("no way out: " + text);
        }
        return text;
    }

    @Override
    public void close() throws IOException {
        relayed.close();
    }

    /** Ends it, and then the host that has its files. */
    void closeWithHost() throws IOException {
        close();
        host.close();
    }
}
