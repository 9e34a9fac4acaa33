package labeler.guard.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Operations by chance, in the light of what a qemu has. Most make sense; qemu refuses some, the guard others. */
final class RandomOperations {
    private static final String SIZE = "'size':4194304";

    private final RandomGenerator random;
    private final Path images;
    private final DeviceOperations devices;

    RandomOperations(RandomGenerator random, Path images) {
        this.random = random;
        this.images = images;
        this.devices = new DeviceOperations(random, images);
    }

    /** The next operation, which may take several commands. */
    List<Step> next(VmBook book, QemuFacts facts) {
        return switch (random.nextInt(35)) {
            case 0, 1 -> addFile(book);
            case 2, 3 -> addFormat(book, facts);
            case 4, 5 -> remove(facts);
            case 6 -> create(book);
            case 7, 8 -> snapshot(book, facts);
            case 9, 10 -> snapshotSync(book, facts);
            case 11 -> transaction(book, facts);
            case 12, 13, 14 -> commit(book, facts);
            case 15, 16 -> stream(book, facts);
            case 17, 18 -> copy(book, facts, "mirror");
            case 19 -> copy(book, facts, "backup");
            case 20, 21, 22, 23 -> job(facts);
            case 24 -> reopen(facts);
            case 25 -> medium(book);
            case 26 -> device(book, facts);
            case 27 -> object(book);
            case 28 -> output(book, facts);
            case 29 -> header(facts);
            default -> devices.next(book, facts);
        };
    }

    private <T> Optional<T> any(List<T> all) {
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private boolean rarely() {
        return random.nextInt(4) == 0;
    }

    private Path fresh(VmBook book, String kind) {
        return images.resolve(book.name(kind));
    }

    private List<Step> addFile(VmBook book) {
        List<Path> pool = new ArrayList<>(book.made());
        List.of("spare1", "spare2", "over", "device").forEach(name -> pool.add(images.resolve(book.vm() + "-" + name)));
        String access = List.of(
                        "'auto-read-only':true", "'auto-read-only':true", "'read-only':true", "'discard':'unmap'")
                .get(random.nextInt(4));
        return List.of(addFile(book.name("file"), any(pool).orElseThrow(), access));
    }

    private static Step addFile(String name, Path file, String access) {
        String driver = file.toString().endsWith("-device") ? "host_device" : "file";
        return Step.of(
                "blockdev-add",
                "'driver':'" + driver + "','node-name':'" + name + "','filename':'" + file + "'," + access);
    }

    private List<Step> addFormat(VmBook book, QemuFacts facts) {
        Optional<String> file = any(facts.lone().stream()
                .filter(QemuFacts.Block::isFile)
                .map(QemuFacts.Block::name)
                .toList());
        String below = List.of(",'backing':null", ",'backing':null", "").get(random.nextInt(3));
        String access = ",'read-only':" + random.nextBoolean();
        if (file.isEmpty()) {
            Path spare = images.resolve(book.vm() + "-spare" + (1 + random.nextInt(2)));
            return List.of(Step.of(
                    "blockdev-add",
                    "'driver':'qcow2','node-name':'" + book.name("image") + "','file':{'driver':'file','filename':'"
                            + spare + "'}" + below + access));
        }
        return List.of(Step.of(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + book.name("image") + "','file':'" + file.get() + "'" + below
                        + access));
    }

    private List<Step> remove(QemuFacts facts) {
        List<String> names = facts.lone().stream().map(QemuFacts.Block::name).toList();
        return any(rarely() ? List.copyOf(facts.nodes().keySet()) : names)
                .map(name -> List.of(Step.of("blockdev-del", "'node-name':'" + name + "'")))
                .orElseGet(List::of);
    }

    private List<Step> create(VmBook book) {
        Path file = fresh(book, "made");
        List<Step> steps = new ArrayList<>(List.of(create(book, file)));
        String job = jobOf(file);
        if (!rarely()) {
            steps.add(Step.of("job-dismiss", "'id':'" + job + "'").after(job));
        }
        return steps;
    }

    private static String jobOf(Path file) {
        return "make-" + file.getFileName();
    }

    private static Step create(VmBook book, Path file) {
        book.job(jobOf(file), file);
        return Step.of(
                        "blockdev-create",
                        "'job-id':'" + jobOf(file) + "','options':{'driver':'file','filename':'" + file + "','size':0}")
                .leaving(done -> done.made(file));
    }

    /** An overlay, as libvirt makes it: on a new file, or on a device. */
    private List<Step> snapshot(VmBook book, QemuFacts facts) {
        Optional<Path> top = facts.disk().flatMap(facts::file);
        if (top.isEmpty()) {
            return List.of();
        }
        Optional<Path> device = rarely() ? devices.free(book, facts) : Optional.empty();
        Path file = device.orElseGet(() -> fresh(book, "layer"));
        String node = book.name("image");
        String format = "format-" + node;
        book.job(format, file);
        List<Step> steps = new ArrayList<>();
        if (device.isEmpty()) {
            steps.add(create(book, file));
            steps.add(Step.of("job-dismiss", "'id':'" + jobOf(file) + "'").after(jobOf(file)));
        }
        String added = "'driver':'qcow2','node-name':'" + node + "','file':'" + node + "-file','backing':null";
        String snapshot = "'node':'" + facts.disk().get() + "','overlay':'" + node + "'";
        steps.addAll(List.of(
                addFile(node + "-file", file, "'auto-read-only':true"),
                Step.of(
                        "blockdev-create",
                        "'job-id':'" + format + "','options':{'driver':'qcow2','file':'" + node + "-file'," + SIZE
                                + ",'backing-file':'" + top.get() + "','backing-fmt':'qcow2'}"),
                Step.of("job-dismiss", "'id':'" + format + "'").after(format),
                Step.of("blockdev-add", added),
                random.nextBoolean()
                        ? Step.of("blockdev-snapshot", snapshot)
                        : Step.of(
                                "transaction", "'actions':[{'type':'blockdev-snapshot','data':{" + snapshot + "}}]")));
        return steps;
    }

    private Optional<String> action(VmBook book, QemuFacts facts) {
        Optional<String> on = rarely() ? any(facts.chain()) : facts.disk();
        return on.map(node -> "'node-name':'" + node + "','snapshot-file':'" + fresh(book, "layer")
                + "','snapshot-node-name':'" + book.name("image") + "','format':'qcow2'");
    }

    private List<Step> snapshotSync(VmBook book, QemuFacts facts) {
        return action(book, facts)
                .map(arguments -> List.of(Step.of("blockdev-snapshot-sync", arguments)))
                .orElseGet(List::of);
    }

    /** A snapshot and a backup, all or nothing. */
    private List<Step> transaction(VmBook book, QemuFacts facts) {
        Optional<String> snapshot = action(book, facts);
        if (snapshot.isEmpty()) {
            return List.of();
        }
        Path copy = fresh(book, "copy");
        String job = book.name("job");
        String device = random.nextBoolean() ? facts.disk().orElseThrow() : "nothing";
        book.job(job, copy);
        return List.of(Step.of(
                "transaction",
                "'actions':[{'type':'drive-backup','data':{'job-id':'" + job + "','device':'" + device + "','target':'"
                        + copy + "','sync':'full','format':'qcow2'" + speed() + "}},{'type':'blockdev-snapshot-sync',"
                        + "'data':{" + snapshot.get() + "}}]"));
    }

    private String speed() {
        return random.nextBoolean() ? ",'speed':1" : "";
    }

    private String manners() {
        return speed() + (rarely() ? ",'auto-finalize':false" : "") + (rarely() ? ",'auto-dismiss':false" : "");
    }

    private List<Step> commit(VmBook book, QemuFacts facts) {
        List<String> chain = facts.chain();
        if (chain.size() < 2) {
            return List.of();
        }
        int top = random.nextInt(chain.size() - 1);
        int base = top + 1 + random.nextInt(chain.size() - 1 - top);
        String job = book.name("job");
        Path below = facts.file(chain.get(base)).orElseThrow();
        book.job(
                job,
                below,
                top == 0 ? fresh(book, "none") : facts.file(chain.get(top - 1)).orElseThrow());
        return List.of(Step.of(
                "block-commit",
                "'job-id':'" + job + "','device':'" + facts.disk().orElseThrow() + "','top-node':'" + chain.get(top)
                        + "','base-node':'" + chain.get(base) + "'" + manners()));
    }

    private List<Step> stream(VmBook book, QemuFacts facts) {
        List<String> chain = facts.chain();
        if (chain.isEmpty()) {
            return List.of();
        }
        int top = random.nextInt(chain.size());
        String job = book.name("job");
        book.job(job, facts.file(chain.get(top)).orElseThrow());
        Optional<String> base = random.nextBoolean() ? any(chain.subList(top + 1, chain.size())) : Optional.empty();
        return List.of(Step.of(
                "block-stream",
                "'job-id':'" + job + "','device':'" + chain.get(top) + "'"
                        + base.map(node -> ",'base-node':'" + node + "'").orElse("") + manners()));
    }

    private List<Step> copy(VmBook book, QemuFacts facts, String kind) {
        Optional<String> source = facts.disk();
        if (source.isEmpty()) {
            return List.of();
        }
        String job = book.name("job");
        String common = "'job-id':'" + job + "','device':'" + source.get() + "','sync':'"
                + (rarely() && kind.equals("mirror") ? "top" : "full") + "'" + manners();
        Optional<String> node = any(facts.lone().stream()
                .filter(block -> block.isImage()
                        && !block.isReadOnly()
                        && facts.file(block.name()).isPresent())
                .map(QemuFacts.Block::name)
                .toList());
        if (node.isPresent() && random.nextBoolean()) {
            book.job(job, facts.file(node.get()).orElseThrow());
            return List.of(Step.of("blockdev-" + kind, common + ",'target':'" + node.get() + "'"));
        }
        Path target = fresh(book, "copy");
        book.job(job, target);
        String name = kind.equals("mirror") ? ",'node-name':'" + book.name("image") + "'" : "";
        return List.of(Step.of("drive-" + kind, common + ",'format':'qcow2','target':'" + target + "'" + name));
    }

    private List<Step> job(QemuFacts facts) {
        Optional<String> job = any(List.copyOf(facts.jobs().keySet()));
        if (job.isEmpty()) {
            return List.of();
        }
        String id = "'id':'" + job.get() + "'";
        String device = "'device':'" + job.get() + "'";
        return List.of(
                switch (random.nextInt(8)) {
                    case 0 -> Step.of("job-cancel", id);
                    case 1 -> Step.of("block-job-cancel", device + ",'force':" + random.nextBoolean());
                    case 2, 3 -> Step.of("job-complete", id);
                    case 4, 5 -> Step.of("block-job-set-speed", device + ",'speed':0");
                    case 6 -> Step.of("job-finalize", id);
                    default -> Step.of("job-dismiss", id);
                });
    }

    private List<Step> reopen(QemuFacts facts) {
        Optional<QemuFacts.Block> image = any(facts.nodes().values().stream()
                .filter(node -> node.driver().equals("qcow2") && !node.name().startsWith("#"))
                .toList());
        Optional<String> file = image.flatMap(node -> facts.lines().stream()
                .filter(line -> line.parent().equals(node.name()) && line.role().equals("file"))
                .map(QemuFacts.Line::child)
                .findFirst());
        if (file.isEmpty()) {
            return List.of();
        }
        String below =
                facts.backing(image.get().name()).map(name -> "'" + name + "'").orElse("null");
        return List.of(Step.of(
                "blockdev-reopen",
                "'options':[{'driver':'qcow2','node-name':'" + image.get().name() + "','file':'" + file.get()
                        + "','backing':" + below + ",'read-only':" + random.nextBoolean() + "}]"));
    }

    private List<Step> medium(VmBook book) {
        Path disc =
                images.resolve(List.of("disc1", "disc2", book.vm() + "-device").get(random.nextInt(3)));
        return List.of(
                rarely()
                        ? Step.of("eject", "'id':'cd0','force':true")
                        : Step.of(
                                "blockdev-change-medium",
                                "'id':'cd0','force':true,'filename':'" + disc + "','format':'raw'"));
    }

    private List<Step> device(VmBook book, QemuFacts facts) {
        Optional<String> node = any(facts.lone().stream()
                .filter(QemuFacts.Block::isImage)
                .map(QemuFacts.Block::name)
                .toList());
        String id = book.name("device");
        return node.map(name -> List.of(
                        Step.of(
                                "device_add",
                                "'driver':'scsi-hd','bus':'scsi.0','id':'" + id + "','drive':'" + name + "'"),
                        Step.of("device_del", "'id':'" + id + "'")))
                .orElseGet(List::of);
    }

    /** An object or a character device comes, or goes. */
    private List<Step> object(VmBook book) {
        Optional<String> old = any(List.copyOf(book.others().keySet()));
        if (old.isPresent() && random.nextBoolean()) {
            String id = old.get();
            return List.of(Step.of(id.contains("log") ? "chardev-remove" : "object-del", "'id':'" + id + "'")
                    .leaving(done -> done.ended(id)));
        }
        if (random.nextBoolean()) {
            String id = book.name("log");
            Path file = images.resolve(id);
            return List.of(
                    Step.of("chardev-add", "'id':'" + id + "','backend':{'type':'file','data':{'out':'" + file + "'}}")
                            .leaving(done -> done.other(id, file)));
        }
        String id = book.name("secret");
        Path key = images.resolve(book.vm() + "-key");
        return book.others().containsValue(key)
                ? List.of()
                : List.of(Step.of("object-add", "'qom-type':'secret','id':'" + id + "','file':'" + key + "'")
                        .leaving(done -> done.other(id, key)));
    }

    /** What qemu writes once. It dies of a job that goes on while its nodes are inactive after a migration. */
    private List<Step> output(VmBook book, QemuFacts facts) {
        Path file = fresh(book, "output");
        book.closing(file);
        return switch (random.nextInt(facts.jobs().isEmpty() ? 3 : 2)) {
            case 0 -> List.of(Step.of("pmemsave", "'val':0,'size':4096,'filename':'" + file + "'"));
            case 1 -> List.of(Step.of("dump-guest-memory", "'paging':false,'protocol':'file:" + file + "'"));
            default ->
                List.of(
                        Step.of("migrate", "'uri':'file:" + file + "'"),
                        Step.of("cont", "").after(Step.MIGRATION).leaving(done -> done.closing(file)),
                        Step.of("stop", ""));
        };
    }

    private List<Step> header(QemuFacts facts) {
        List<String> chain = facts.chain();
        if (chain.size() < 2) {
            return List.of();
        }
        int at = random.nextInt(chain.size() - 1);
        return List.of(Step.of(
                "change-backing-file",
                "'device':'" + facts.disk().orElseThrow() + "','image-node-name':'" + chain.get(at)
                        + "','backing-file':'" + facts.file(chain.get(at + 1)).orElseThrow() + "'"));
    }
}
