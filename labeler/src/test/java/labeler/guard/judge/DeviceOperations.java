package labeler.guard.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Operations by chance on what is no regular file: the block device of a VM, the server of an image, and exports. */
final class DeviceOperations {
    private static final String SIZE = "'size':4194304";
    private static final String ON_DEVICE = "device-image";
    private static final String AT_SERVER = "server-image";

    private final RandomGenerator random;
    private final Path images;

    DeviceOperations(RandomGenerator random, Path images) {
        this.random = random;
        this.images = images;
    }

    /** The next operation, which may take several commands. */
    List<Step> next(VmBook book, QemuFacts facts) {
        return switch (random.nextInt(8)) {
            case 0 -> image(book, facts);
            case 1, 2 -> mirror(book, facts);
            case 3 -> server(book);
            case 4 -> backup(book, facts);
            case 5 -> export(book, facts);
            case 6 -> endOfExport(book);
            default -> removal(facts);
        };
    }

    /** The block device, unless a node has it already. */
    Optional<Path> free(VmBook book, QemuFacts facts) {
        Path device = VmDevices.device(images, book.vm());
        return facts.nodes().values().stream()
                        .noneMatch(node -> node.isFile() && node.file().equals(device.toString()))
                ? Optional.of(device)
                : Optional.empty();
    }

    /** A new image on the device, over none. */
    List<Step> image(VmBook book, QemuFacts facts) {
        return free(book, facts)
                .map(device -> image(book, device, book.name(ON_DEVICE)))
                .orElseGet(List::of);
    }

    private static List<Step> image(VmBook book, Path device, String node) {
        String job = "format-" + node;
        book.job(job, device);
        return List.of(
                Step.of(
                        "blockdev-add",
                        "'driver':'host_device','node-name':'" + node + "-file','filename':'" + device
                                + "','auto-read-only':true"),
                Step.of(
                        "blockdev-create",
                        "'job-id':'" + job + "','options':{'driver':'qcow2','file':'" + node + "-file'," + SIZE + "}"),
                Step.of("job-dismiss", "'id':'" + job + "'").after(job),
                Step.of(
                        "blockdev-add",
                        "'driver':'qcow2','node-name':'" + node + "','file':'" + node + "-file','backing':null"));
    }

    /** To an image on the device, or to the device itself. */
    List<Step> mirror(VmBook book, QemuFacts facts) {
        Optional<Path> device = free(book, facts);
        if (device.isEmpty() || facts.disk().isEmpty()) {
            return List.of();
        }
        String job = book.name("job");
        book.job(job, device.get());
        String node = book.name(ON_DEVICE);
        String copy = "'job-id':'" + job + "','device':'" + facts.disk().get() + "','sync':'full','target':'"
                + (random.nextBoolean() ? node + "'" : device.get() + "','mode':'existing','format':'raw'")
                + (random.nextBoolean() ? ",'speed':1" : "");
        if (copy.contains("existing")) {
            return List.of(Step.of("drive-mirror", copy + ",'node-name':'" + node + "'"));
        }
        List<Step> steps = new ArrayList<>(image(book, device.get(), node));
        steps.add(Step.of("blockdev-mirror", copy));
        return steps;
    }

    private List<Step> server(VmBook book) {
        return server(book, book.name(AT_SERVER));
    }

    private List<Step> server(VmBook book, String node) {
        return List.of(
                Step.of(
                        "blockdev-add",
                        "'driver':'nbd','node-name':'" + node + "-server','export':'x','server':{'type':'unix','path':'"
                                + VmDevices.socket(images, book.vm()) + "'}"
                                + (random.nextBoolean() ? ",'reconnect-delay':30" : "")),
                Step.of("blockdev-add", "'driver':'raw','node-name':'" + node + "','file':'" + node + "-server'"));
    }

    /** No mirror: the disk would have no file afterwards. */
    List<Step> backup(VmBook book, QemuFacts facts) {
        if (facts.disk().isEmpty()) {
            return List.of();
        }
        String node = book.name(AT_SERVER);
        String job = book.name("job");
        List<Step> steps = new ArrayList<>(server(book, node));
        steps.add(Step.of(
                "blockdev-backup",
                "'job-id':'" + job + "','device':'" + facts.disk().get() + "','sync':'full','target':'" + node + "'"
                        + (random.nextBoolean() ? ",'speed':1" : "")));
        return steps;
    }

    /** The server is qemu itself, at a socket in the VM's own directory. */
    private List<Step> export(VmBook book, QemuFacts facts) {
        List<String> named = facts.nodes().keySet().stream()
                .filter(name -> !name.startsWith("#"))
                .sorted()
                .toList();
        String id = book.name("export");
        boolean isFirst = book.exports().isEmpty();
        List<Step> steps = new ArrayList<>();
        if (isFirst) {
            steps.add(Step.of(
                    "nbd-server-start",
                    "'addr':{'type':'unix','data':{'path':'"
                            + RandomVm.runtime(images.resolveSibling(book.vm()), book.vm())
                                    .resolve("nbd") + "'}}"));
        }
        steps.add(Step.of(
                        "block-export-add",
                        "'type':'nbd','id':'" + id + "','name':'" + id + "','node-name':'"
                                + named.get(random.nextInt(named.size())) + "','writable':" + random.nextBoolean())
                .leaving(done -> done.exports().add(id)));
        return steps;
    }

    private List<Step> endOfExport(VmBook book) {
        if (book.exports().isEmpty()) {
            return List.of();
        }
        String id = book.exports().get(random.nextInt(book.exports().size()));
        return List.of(Step.of("block-export-del", "'id':'" + id + "','mode':'hard'")
                .leaving(done -> done.exports().remove(id)));
    }

    private List<Step> removal(QemuFacts facts) {
        return facts.lone().stream()
                .map(QemuFacts.Block::name)
                .filter(name -> name.contains(ON_DEVICE) || name.contains(AT_SERVER))
                .sorted()
                .findFirst()
                .map(name -> List.of(Step.of("blockdev-del", "'node-name':'" + name + "'")))
                .orElseGet(List::of);
    }
}
