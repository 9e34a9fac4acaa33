package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.plan.Sharing;
import labeler.registry.Answer;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.WantedFile;
import labeler.registry.etcd.EtcdAdministration;
import labeler.registry.etcd.EtcdForHosts;
import labeler.registry.etcd.EtcdRegistry;
import labeler.registry.etcd.EtcdServer;
import labeler.registry.etcd.FileMemory;
import labeler.registry.etcd.LeftKeys;
import labeler.registry.etcd.Self;
import labeler.storage.MountedStorages;
import labeler.storage.Place;
import labeler.vm.VmName;

/**
 * Two hosts on one machine: two services, each with its own state and run directory, one etcd, and one file system that
 * both use. The kernel is the same one, so are the handles and the attributes.
 */
final class ClusterFixture implements AutoCloseable {
    static final String ALPHA = "alpha";
    static final String BETA = "beta";

    /** Those of the pairs that a host takes in advance, and those of the hosts themselves, stay. */
    private static final String RESERVED = "reserved pair";

    private final Path directory;
    private final EtcdForHosts etcd;
    private final Mounted storage;
    private final Images images;
    private final Endings endings;
    private final Map<String, ServiceFixture> services = new LinkedHashMap<>();

    private ClusterFixture(Path directory, EtcdForHosts etcd, Mounted storage, Endings endings) throws IOException {
        this.directory = directory;
        this.etcd = etcd;
        this.storage = storage;
        this.images = Images.in(storage.directory().resolve("images"));
        this.endings = endings;
    }

    /** Both hosts have joined, and their services answer. */
    static ClusterFixture started(Path directory) throws Exception {
        return started(directory, EtcdServer::start);
    }

    /**
     * The same over another etcd. If it fails, nothing of it is left.
     *
     * @param storageOptions options of mkfs.ext4 for the storage
     */
    static ClusterFixture started(Path directory, Callable<? extends EtcdForHosts> starting, String... storageOptions)
            throws Exception {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        Endings endings = new Endings();
        boolean isComplete = false;
        try {
            Mounted storage = Mounted.ext4(directory.resolve("pool"), 64 << 20, storageOptions);
            endings.add(storage::close);
            EtcdForHosts etcd = starting.call();
            endings.add(etcd::close);
            ClusterFixture cluster = new ClusterFixture(directory, etcd, storage, endings);
            cluster.register();
            for (String host : List.of(ALPHA, BETA)) {
                cluster.service(host).start();
                cluster.awaitReserve(host);
            }
            isComplete = true;
            return cluster;
        } finally {
            if (!isComplete) {
                endings.close();
            }
        }
    }

    private void register() throws IOException {
        try (EtcdAdministration administration = administration()) {
            join(administration, storage.directory(), ALPHA, BETA);
            for (String host : List.of(ALPHA, BETA)) {
                ServiceFixture service = new ServiceFixture(Files.createDirectories(directory.resolve(host)));
                services.put(host, service);
                endings.add(service::close);
                service.startBy(etcd.before(host));
                configure(host);
            }
        }
    }

    /** Hosts of this machine join a registry, and the file system with this root becomes one of its storages. */
    static void join(EtcdAdministration administration, Path root, String... hosts) throws IOException {
        Linux linux = JnaLinux.create();
        for (String host : hosts) {
            done(administration.join(self(linux, host)));
        }
        try (OpenedFile opened =
                (OpenedFile) linux.open().open(HostPath.of(root.toRealPath()), OpenRequest.DIRECTORY)) {
            MountedStorages.Look look = new MountedStorages(linux, Map::of).look(opened);
            assertThat(look).isInstanceOf(MountedStorages.Found.class);
            done(administration.addStorage(new StorageName("pool"), ((MountedStorages.Found) look).storage()));
        }
    }

    private static Self self(Linux linux, String host) throws IOException {
        return new Self(
                new HostName(host),
                Files.readString(Path.of("/etc/machine-id")).trim(),
                linux.processes().bootId());
    }

    /** The host's service asks the cluster from its next start on. */
    void configure(String host) throws IOException {
        configure(host, "");
    }

    /** The same, with more settings. */
    void configure(String host, String more) throws IOException {
        service(host).configure("""
            [service]
            state-directory = "%s"
            [cluster]
            endpoints = [%s]
            host = "%s"
            deadline = %d
            """.formatted(service(host).state(), addresses(host), host, etcd.deadline()) + more);
    }

    private String addresses(String host) throws IOException {
        return etcd.endpoints(host).stream()
                .map(endpoint -> "\"" + endpoint + "\"")
                .collect(Collectors.joining(", "));
    }

    /** The registry answers again, and has nothing any more. */
    void loseRegistry() throws Exception {
        etcd().kill();
        etcd().loseData();
        startRegistry();
    }

    /** Of what the registry has now. */
    void keepCopyOfRegistry() throws Exception {
        etcd().kill();
        etcd().keepCopy();
        startRegistry();
    }

    /** Each host has noted what the registry was after all that has happened until now, as it does with each of its beats. */
    void awaitSeen() throws IOException {
        for (ServiceFixture service : services.values()) {
            Path seen = service.state().resolve("cluster/seen");
            String before = Files.readString(seen);
            eventually("another look is noted", () -> !Files.readString(seen).equals(before));
        }
    }

    /** The registry has what it had at the time of the copy. */
    void takeCopyOfRegistryBack() throws Exception {
        etcd().kill();
        etcd().takeCopyBack();
        startRegistry();
    }

    /**
     * The host, whose service does not run, has claimed one more file for a VM that runs, as if its service had been killed
     * right after that.
     */
    void claimsAndIsKilled(String host, String vm, Path image) throws IOException {
        Linux linux = JnaLinux.create();
        try (EtcdRegistry registry = EtcdRegistry.of(
                        etcd.settings(),
                        self(linux, host),
                        new FileMemory(service(host).state().resolve("cluster/seen")));
                EtcdAdministration administration = administration();
                OpenedFile file =
                        (OpenedFile) linux.open().open(HostPath.of(image.toRealPath()), OpenRequest.RECORDED_OBJECT)) {
            assertThat(registry.mine()).isInstanceOf(Answer.Given.class);
            if (!(administration.storages()
                            instanceof Answer.Given<Map<StorageName, Storage>>(Map<StorageName, Storage> storages)
                    && new MountedStorages(linux, () -> storages).of(file)
                            instanceof Place.Shared(SharedFile shared, String path))) {
                throw new AssertionError(image + " lies on no storage");
            }
            assertThat(registry.claim(new ClaimRequest(
                            new VmName(vm),
                            Optional.empty(),
                            new PairChoice.Kept(),
                            List.of(new WantedFile(shared, path, Sharing.EXCLUSIVE, _ -> Optional.empty())))))
                    .isInstanceOf(ClaimOutcome.Claimed.class);
        }
    }

    /** The host takes part in a rebuild, and its service is restarted. */
    String rebuild(String host) throws IOException {
        String said = saysOfRebuild(host);
        if (service(host).isAlive()) {
            service(host).kill();
        }
        service(host).start();
        return said;
    }

    /** What the command answers on a host. */
    String saysOfRebuild(String host) throws IOException {
        Command command = run(host, "rebuild");
        assertThat(command.exitCode()).as("%s", command).isZero();
        return command.out();
    }

    /** The hosts that a host remembers. */
    List<String> saysOfHosts(String host) throws IOException {
        Path hosts = service(host).state().resolve("cluster/hosts");
        return Files.exists(hosts) ? Files.readAllLines(hosts) : List.of();
    }

    /** Fences as an administrator does, at a host. Waits for as long as a busy machine may need to show that the host runs. */
    Command fenceByCommand(String at, String host) throws IOException {
        return run(at, "fence", host, "--confirmed", "--wait", "180");
    }

    /** A command of the cluster's, at a host. */
    private Command run(String at, String... words) throws IOException {
        List<String> command = new ArrayList<>(etcd.before(at));
        command.addAll(List.of(ServiceFixture.labeler(), "cluster"));
        command.addAll(List.of(words));
        command.addAll(List.of("--config", service(at).settings().toString()));
        return Command.run(Map.of(), command);
    }

    /** Etcd takes no writes, as one that is full, or does again. */
    void outOfSpace(boolean isFull) throws IOException {
        etcd().outOfSpace(isFull);
    }

    /** Asks the registry as an administrator does, at a host. */
    Command status(String at) throws IOException {
        return run(at, "status");
    }

    private EtcdAdministration administration() throws IOException {
        return EtcdAdministration.of(etcd.settings());
    }

    private static void done(Optional<Refusal> refusal) {
        assertThat(refusal.map(Refusal::message)).isEmpty();
    }

    ServiceFixture service(String host) {
        return services.get(host) == null ? missing(host) : services.get(host);
    }

    private static ServiceFixture missing(String host) {
        throw new AssertionError("no host " + host);
    }

    ServiceFixture alpha() {
        return service(ALPHA);
    }

    ServiceFixture beta() {
        return service(BETA);
    }

    /** Images on the file system that both hosts use. */
    Images images() {
        return images;
    }

    /** Its only member. */
    EtcdServer etcd() {
        if (etcd instanceof EtcdServer one) {
            return one;
        }
        throw new AssertionError("this registry has more members than one");
    }

    /** Waits until a host has pairs for VMs that share nothing. */
    private void awaitReserve(String host) throws IOException {
        awaitReserve(service(host), 1);
    }

    /** The same, and so many of them at least. */
    static void awaitReserve(ServiceFixture service, int count) throws IOException {
        Path pairs = service.state().resolve("cluster/pairs");
        eventually(
                "pairs in reserve",
                () -> Files.exists(pairs) && Files.readAllLines(pairs).size() >= count);
        Path storages = service.state().resolve("cluster/storages");
        eventually("known storages", () -> Files.exists(storages));
    }

    /** The pairs that a host has in reserve. */
    Stream<String> ofReserve(String host) throws IOException {
        return Files.readAllLines(service(host).state().resolve("cluster/pairs")).stream()
                .map(line -> line.substring(line.indexOf(' ') + 1));
    }

    /** The registry does not answer any more. */
    void killRegistry() {
        etcd().kill();
    }

    /** The registry answers again. */
    void startRegistry() throws Exception {
        etcd().run();
        etcd().await(etcd.settings());
    }

    void fence(String host) throws IOException {
        try (EtcdAdministration administration = administration()) {
            done(administration.fence(new HostName(host)));
        }
    }

    /** All that the registry has of VMs, files and pairs. */
    List<String> keys() throws IOException {
        return LeftKeys.of(etcd.settings());
    }

    /** The same without what hosts have in advance, and without pairs. */
    List<String> left() throws IOException {
        List<String> left = new ArrayList<>(keys());
        left.removeIf(key -> key.contains(RESERVED) || key.contains("/pairs/"));
        return left;
    }

    /** Leaves no room on it; answers the file that takes it up. */
    Path fillStorage() throws IOException {
        return storage.fill();
    }

    /** From its place; a bind mount of a part stays. Answers what was mounted. */
    String unmountStorage() throws IOException {
        String place = storage.directory().toString();
        String device = Command.done("findmnt", "-n", "-o", "SOURCE", "--mountpoint", place)
                .strip();
        Command.done("umount", place);
        return device;
    }

    void mountStorage(String device) throws IOException {
        Command.done("mount", device, storage.directory().toString());
    }

    void awaitEmpty() throws IOException {
        eventually("an empty registry", () -> left().isEmpty());
    }

    void awaitLabel(Path file, Optional<String> label) throws IOException {
        eventually(file + " has " + label, () -> Attributes.label(file).equals(label));
    }

    @Override
    public void close() throws IOException {
        endings.close();
    }
}
