package labeler.guard.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.lifecycle.follow.FollowedHost;

/** The command of each flow at which a service is killed, over and over: each time what is there is made ready before. */
final class InterruptedCommands {
    private static final String SPARE = "spare";
    private static final String DEVICE = "plugged";

    private final FollowedHost host;
    private final Map<String, Flow> flows = new LinkedHashMap<>();

    /** After a migration the nodes are inactive: the VM runs for a moment. */
    private boolean isMigrated;

    private boolean isRunning;

    private boolean hasNetwork;

    /** A command that is interrupted: what has to be there before, and the command in the light of that. */
    record Flow(List<Next> before, Next command) {}

    /** A command; empty where it is not needed. */
    @FunctionalInterface
    interface Next {
        Optional<Step> after(VmBook book, QemuFacts facts);
    }

    InterruptedCommands(FollowedHost host) throws IOException {
        this.host = host;
        for (String disc : List.of("disc1", "disc2")) {
            Files.write(host.path(disc), new byte[1 << 20]);
            host.setLabel(disc, FollowedHost.HOME);
        }
        Files.writeString(host.path("key"), "0123456789abcdef");
        host.setLabel("key", FollowedHost.HOME);
        jobs();
        files();
    }

    /** In the order in which {@link #of} knows them. */
    static List<String> names() {
        return List.of(
                "snapshot-sync",
                "transaction",
                "commit below",
                "commit of the top",
                "commit, pivot",
                "stream",
                "stream below",
                "mirror",
                "mirror, pivot",
                "backup",
                "mirror to a node",
                "snapshot within the image",
                "removal of a node",
                "create",
                "dismissal",
                "reopen",
                "medium",
                "eject",
                "hot-plug",
                "unplug",
                "migrate to a file",
                "dump",
                "dump in the background",
                "screendump",
                "pmemsave",
                "object",
                "object: memory in a file",
                "object: packets of a network",
                "removal of an object",
                "character device",
                "removal of a character device");
    }

    Flow of(String name) {
        return Optional.ofNullable(flows.get(name)).orElseThrow();
    }

    private void jobs() {
        Next end = (_, facts) -> end(facts);
        Next clean = (_, facts) -> remove(facts);
        Next overlay = (book, facts) -> facts.chain().size() < 3 ? snapshot(book, facts) : Optional.empty();
        Next deep = (book, facts) -> facts.chain().size() < 4 ? snapshot(book, facts) : Optional.empty();
        Next commit = (book, facts) -> commit(book, facts, 0);
        flows.put("snapshot-sync", new Flow(List.of(end, clean), this::snapshot));
        flows.put("transaction", new Flow(List.of(end, clean), this::transaction));
        flows.put("commit below", new Flow(List.of(end, clean, deep), (book, facts) -> commit(book, facts, 1)));
        flows.put("commit of the top", new Flow(List.of(end, clean, overlay), commit));
        flows.put("commit, pivot", new Flow(List.of(clean, overlay, commit), end));
        flows.put("stream", new Flow(List.of(end, clean, overlay), InterruptedCommands::stream));
        flows.put("stream below", new Flow(List.of(end, clean, overlay, deep), InterruptedCommands::streamBelow));
        flows.put("mirror", new Flow(List.of(end, clean), this::mirror));
        flows.put("mirror, pivot", new Flow(List.of(clean, this::mirror), end));
        flows.put("backup", new Flow(List.of(end, clean), this::backup));
        flows.put(
                "mirror to a node",
                new Flow(List.of((_, facts) -> cancel(facts), clean, this::spare), InterruptedCommands::mirrorToSpare));
        flows.put(
                "snapshot within the image",
                new Flow(List.of((_, facts) -> cancel(facts), clean), InterruptedCommands::within));
        flows.put("removal of a node", new Flow(List.of(end, this::spare), clean));
        flows.put("create", new Flow(List.of(end, clean), this::create));
        flows.put(
                "dismissal",
                new Flow(
                        List.of((book, facts) -> facts.jobs().isEmpty() ? create(book, facts) : Optional.empty()),
                        end));
    }

    private void files() {
        Next unplugged = (_, facts) -> isPlugged(facts) ? unplug() : Optional.empty();
        Next plugged = (_, facts) -> isPlugged(facts) ? Optional.empty() : plug();
        Next noOthers = (book, _) -> removeOther(book);
        flows.put("reopen", new Flow(List.of(this::spare), InterruptedCommands::reopen));
        flows.put("medium", new Flow(List.of(), this::medium));
        flows.put(
                "eject",
                new Flow(
                        List.of((book, facts) -> hasDisc(facts) ? Optional.empty() : medium(book, facts)),
                        (_, facts) -> hasDisc(facts)
                                ? Optional.of(Step.of("eject", "'id':'cd0','force':true"))
                                : Optional.empty()));
        flows.put(
                "hot-plug",
                new Flow(List.of(this::spare, unplugged), (_, facts) -> isPlugged(facts) ? Optional.empty() : plug()));
        flows.put("unplug", new Flow(List.of(this::spare, plugged), unplugged));
        flows.put("migrate to a file", new Flow(List.of((_, _) -> resume()), this::migrate));
        flows.put(
                "dump",
                new Flow(
                        List.of((_, _) -> resume()),
                        (book, _) -> output(book, "dump-guest-memory", "'paging':false,'protocol':'file:")));
        flows.put(
                "dump in the background",
                new Flow(
                        List.of((_, _) -> resume()),
                        (book, _) ->
                                output(book, "dump-guest-memory", "'paging':false,'detach':true,'protocol':'file:")));
        flows.put(
                "pmemsave",
                new Flow(List.of(), (book, _) -> output(book, "pmemsave", "'val':0,'size':1048576,'filename':'")));
        flows.put("object: memory in a file", new Flow(List.of(noOthers), (book, _) -> memory(book)));
        flows.put(
                "object: packets of a network",
                new Flow(List.of(noOthers, (_, _) -> network()), (book, _) -> packets(book)));
        flows.put("screendump", new Flow(List.of(), (book, _) -> output(book, "screendump", "'filename':'")));
        flows.put("object", new Flow(List.of(noOthers), (book, _) -> object(book)));
        flows.put(
                "removal of an object",
                new Flow(List.of((book, _) -> book.others().isEmpty() ? object(book) : Optional.empty()), noOthers));
        flows.put("character device", new Flow(List.of(noOthers), (book, _) -> log(book)));
        flows.put(
                "removal of a character device",
                new Flow(List.of((book, _) -> book.others().isEmpty() ? log(book) : Optional.empty()), noOthers));
    }

    private Optional<Step> snapshot(VmBook book, QemuFacts facts) {
        return Optional.of(Step.of("blockdev-snapshot-sync", action(book, facts)));
    }

    private String action(VmBook book, QemuFacts facts) {
        String layer = book.name("layer");
        return "'node-name':'" + facts.disk().orElseThrow() + "','snapshot-file':'" + host.path(layer)
                + "','snapshot-node-name':'" + layer + "','format':'qcow2'";
    }

    private Optional<Step> transaction(VmBook book, QemuFacts facts) {
        return Optional.of(Step.of(
                "transaction",
                "'actions':[{'type':'drive-backup','data':{" + copy(book, facts) + "}},"
                        + "{'type':'blockdev-snapshot-sync','data':{" + action(book, facts) + "}}]"));
    }

    /** The image at this place of the chain goes into the one below. */
    private static Optional<Step> commit(VmBook book, QemuFacts facts, int at) {
        List<String> chain = facts.chain();
        if (chain.size() < at + 3 || !facts.jobs().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Step.of(
                "block-commit",
                "'job-id':'" + book.name("job") + "','device':'" + chain.getFirst() + "','top-node':'" + chain.get(at)
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

    /** Into an image that is only read until then, and afterwards again. */
    private static Optional<Step> streamBelow(VmBook book, QemuFacts facts) {
        List<String> chain = facts.chain();
        return chain.size() < 4
                ? Optional.empty()
                : Optional.of(Step.of(
                        "block-stream",
                        "'job-id':'" + book.name("job") + "','device':'" + chain.get(1) + "','base-node':'"
                                + chain.get(3) + "'"));
    }

    /** A job whose target is a new file. */
    private String copy(VmBook book, QemuFacts facts) {
        Path copy = host.path(book.name("copy"));
        String job = book.name("job");
        book.job(job, copy);
        return "'job-id':'" + job + "','device':'" + facts.disk().orElseThrow() + "','target':'" + copy
                + "','format':'qcow2','sync':'full'";
    }

    private Optional<Step> mirror(VmBook book, QemuFacts facts) {
        return facts.jobs().isEmpty()
                ? Optional.of(Step.of("drive-mirror", copy(book, facts) + ",'node-name':'" + book.name("copy") + "'"))
                : Optional.empty();
    }

    /** Its target never takes the disk's place. */
    private static Optional<Step> mirrorToSpare(VmBook book, QemuFacts facts) {
        return Optional.of(Step.of(
                "blockdev-mirror",
                "'job-id':'" + book.name("job") + "','device':'" + facts.disk().orElseThrow() + "','target':'" + SPARE
                        + "','sync':'full'"));
    }

    private static Optional<Step> within(VmBook book, QemuFacts facts) {
        String disk = facts.disk().orElseThrow();
        return Optional.of(Step.of(
                "snapshot-save",
                "'job-id':'" + book.name("job") + "','tag':'" + book.name("tag") + "','vmstate':'" + disk
                        + "','devices':['" + disk + "']"));
    }

    private Optional<Step> backup(VmBook book, QemuFacts facts) {
        return Optional.of(Step.of("drive-backup", copy(book, facts)));
    }

    private static Optional<Step> end(QemuFacts facts) {
        return end(facts, "job-complete");
    }

    private static Optional<Step> cancel(QemuFacts facts) {
        return end(facts, "job-cancel");
    }

    /** A job that is ready gets this command, and one that waits is dismissed. */
    private static Optional<Step> end(QemuFacts facts, String command) {
        return facts.jobs().entrySet().stream()
                .findFirst()
                .map(job -> Step.of(
                        job.getValue().equals("concluded") ? "job-dismiss" : command, "'id':'" + job.getKey() + "'"));
    }

    /** What a job has left above the disk is in the way of the next. */
    private static Optional<Step> remove(QemuFacts facts) {
        return facts.lone().stream()
                .findFirst()
                .map(node -> Step.of("blockdev-del", "'node-name':'" + node.name() + "'"));
    }

    private Optional<Step> create(VmBook book, QemuFacts facts) {
        Path made = host.path(book.name("made"));
        String job = book.name("job");
        book.job(job, made);
        return Optional.of(Step.of(
                "blockdev-create",
                "'job-id':'" + job + "','options':{'driver':'file','filename':'" + made + "','size':0}"));
    }

    private Optional<Step> spare(VmBook book, QemuFacts facts) {
        return facts.nodes().containsKey(SPARE)
                ? Optional.empty()
                : Optional.of(Step.of(
                        "blockdev-add",
                        "'driver':'qcow2','node-name':'" + SPARE + "','file':{'driver':'file','node-name':'" + SPARE
                                + "-file','auto-read-only':true,'filename':'" + host.path(book.vm() + "-spare1")
                                + "'}"));
    }

    private static Optional<Step> reopen(VmBook book, QemuFacts facts) {
        boolean isReadOnly =
                Optional.ofNullable(facts.nodes().get(SPARE)).orElseThrow().isReadOnly();
        return Optional.of(Step.of(
                "blockdev-reopen",
                "'options':[{'driver':'qcow2','node-name':'" + SPARE + "','file':'" + SPARE + "-file','read-only':"
                        + !isReadOnly + "}]"));
    }

    private static boolean hasDisc(QemuFacts facts) {
        return facts.nodes().values().stream().anyMatch(node -> node.file().contains("/disc"));
    }

    /** The other one. */
    private Optional<Step> medium(VmBook book, QemuFacts facts) {
        boolean isSecond =
                facts.nodes().values().stream().anyMatch(node -> node.file().endsWith("/disc1"));
        return Optional.of(Step.of(
                "blockdev-change-medium",
                "'id':'cd0','force':true,'format':'raw','filename':'" + host.path(isSecond ? "disc2" : "disc1") + "'"));
    }

    private static boolean isPlugged(QemuFacts facts) {
        return !facts.above(SPARE).isEmpty();
    }

    private static Optional<Step> plug() {
        return Optional.of(Step.of(
                "device_add", "'driver':'scsi-hd','bus':'scsi.0','id':'" + DEVICE + "','drive':'" + SPARE + "'"));
    }

    private static Optional<Step> unplug() {
        return Optional.of(Step.of("device_del", "'id':'" + DEVICE + "'"));
    }

    private Optional<Step> resume() {
        if (isMigrated || isRunning) {
            isRunning = isMigrated;
            isMigrated = false;
            return Optional.of(Step.of(isRunning ? "cont" : "stop", ""));
        }
        return Optional.empty();
    }

    private Optional<Step> migrate(VmBook book, QemuFacts facts) {
        isMigrated = true;
        return output(book, "migrate", "'uri':'file:").map(step -> step.after(Step.MIGRATION));
    }

    private Optional<Step> output(VmBook book, String command, String upToName) {
        Path file = host.path(book.name("output"));
        book.closing(file);
        return Optional.of(Step.of(command, upToName + file + "'").leaving(done -> done.closing(file)));
    }

    private Optional<Step> object(VmBook book) {
        String id = book.name("secret");
        Path key = host.path("key");
        book.other(id, key);
        return Optional.of(Step.of("object-add", "'qom-type':'secret','id':'" + id + "','file':'" + key + "'"));
    }

    private Optional<Step> memory(VmBook book) {
        String id = book.name("memory");
        Path file = host.path(id);
        book.other(id, file);
        return Optional.of(Step.of(
                "object-add",
                "'qom-type':'memory-backend-file','id':'" + id + "','share':true,'size':1048576,'mem-path':'" + file
                        + "'"));
    }

    /** Once: no flow removes it. */
    private Optional<Step> network() {
        Optional<Step> step = Optional.of(Step.of("netdev_add", "'type':'hubport','id':'net','hubid':0"))
                .filter(_ -> !hasNetwork);
        hasNetwork = true;
        return step;
    }

    private Optional<Step> packets(VmBook book) {
        String id = book.name("packets");
        Path file = host.path(id);
        book.other(id, file);
        return Optional.of(Step.of(
                "object-add", "'qom-type':'filter-dump','id':'" + id + "','netdev':'net','file':'" + file + "'"));
    }

    private Optional<Step> log(VmBook book) {
        String id = book.name("log");
        Path file = host.path(id);
        book.other(id, file);
        return Optional.of(
                Step.of("chardev-add", "'id':'" + id + "','backend':{'type':'file','data':{'out':'" + file + "'}}"));
    }

    private static Optional<Step> removeOther(VmBook book) {
        return book.others().keySet().stream()
                .findFirst()
                .map(id -> Step.of(id.contains("log") ? "chardev-remove" : "object-del", "'id':'" + id + "'")
                        .leaving(done -> done.ended(id)));
    }
}
