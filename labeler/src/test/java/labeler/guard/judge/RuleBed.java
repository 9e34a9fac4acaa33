package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import labeler.json.JsonWriter;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;

/** A VM with a chain of four images, and all that a refused command must leave as it was. */
final class RuleBed implements AutoCloseable {
    private static final String AUTO = "\"auto-read-only\":true";
    private static final List<String> DEVICES =
            List.of("pcie-root-port,id=gate", "virtio-balloon-pci,id=balloon", "qemu-xhci,id=usb");

    private static final Pattern DISMISSAL = Pattern.compile(".*'job-dismiss'.*'id':'([^']+)'.*");

    private final Path root;
    private final FollowedHost host;
    private final GuardConfig settings;
    private JudgedQemu vm;
    private QmpClient direct;

    /** The disk vd0 is top, on upper, on middle, on base. */
    RuleBed(Path root, GuardConfig settings) throws IOException {
        this.root = root;
        this.settings = settings;
        this.host = new FollowedHost(root);
        this.vm = vm(AUTO);
        this.direct = vm.relayed().directClient().negotiated();
    }

    private JudgedQemu vm(String lower) throws IOException {
        JudgedQemu made = JudgedQemu.withChain(host, root, settings, DEVICES, lower, "base", "middle", "upper", "top");
        // The first look comes before the first judgement.
        made.refused(RuleCase.command("replay-seek", "'icount':1"));
        return made;
    }

    /** The same VM once more, its lower file nodes read-only for ever. */
    void withStaticNodes() throws IOException {
        vm.close();
        host.lifecycle().stop(new VmName("one"), Optional.empty());
        for (String name : List.of("base", "middle", "upper", "top")) {
            Files.delete(host.path(name));
        }
        Files.delete(root.resolve("qemu/guarded"));
        vm = vm("\"read-only\":true");
        direct = vm.relayed().directClient().negotiated();
    }

    /** The service is killed, and another takes its place. */
    void restart() throws IOException {
        vm.relayed().unguarded();
        host.restart();
        vm.guardedAgain(root);
    }

    FollowedHost host() {
        return host;
    }

    JudgedQemu vm() {
        return vm;
    }

    /** A client of a monitor that nobody guards. */
    QmpClient direct() {
        return direct;
    }

    Path path(String name) {
        return host.path(name);
    }

    /** An image that no VM has yet. */
    void image(String name, String backing) throws IOException {
        JudgedQemu.make(host, name, backing);
    }

    /** A command with the directory of the images in its place. */
    String text(String command) {
        return command.replace("@", host.path("").toString().replaceAll("/$", ""))
                .replace("%run%", root.resolve("run").toString());
    }

    /** qemu dismisses a job that is over; until then this waits. */
    void done(String command) throws IOException {
        Matcher dismissal = DISMISSAL.matcher(command);
        if (dismissal.matches()) {
            vm.untilJob(dismissal.group(1), "concluded");
        }
        vm.done(text(command));
    }

    String refused(String command) throws IOException {
        return vm.refused(text(command));
    }

    /** The guard lets it pass; qemu may do it or not. */
    void refusedByQemu(String command) throws IOException {
        assertThat(vm.client().ask(text(command)).toString()).doesNotContain("labeler ");
    }

    /** Files, labels, holds, and what qemu itself tells. */
    String state() throws IOException {
        StringBuilder state = new StringBuilder();
        try (Stream<Path> files = Files.list(host.path(""))) {
            for (Path file : files.sorted().toList()) {
                String label = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        ? host.label(file.getFileName().toString())
                        : "no file";
                state.append(file).append(' ').append(label).append('\n');
            }
        }
        vm.holds().forEach(hold -> state.append(hold).append('\n'));
        for (String question : List.of(
                "{'execute':'query-named-block-nodes','arguments':{'flat':true}}",
                "{'execute':'query-jobs'}",
                "{'execute':'query-chardev'}",
                "{'execute':'query-fdsets'}",
                "{'execute':'qom-list','arguments':{'path':'/objects'}}",
                "{'execute':'qom-list','arguments':{'path':'/machine/peripheral'}}",
                "{'execute':'x-debug-query-block-graph'}")) {
            // qemu numbers nodes anew each time, and tells of them in any order.
            String answer = JsonWriter.compact(direct.done(question)).replaceAll("\"(id|parent|child)\":[0-9]+", "");
            Stream.of(answer.split("[\\[\\]{},]+"))
                    .sorted()
                    .forEach(part -> state.append(part).append('\n'));
        }
        return state.toString();
    }

    static void qemuImg(Object... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        List.of(words).forEach(word -> command.add(word.toString()));
        if (new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue() != 0) {
            throw new IOException(command + " failed");
        }
    }

    /** The lines that one state has and the other has not. */
    static List<String> changes(String before, String after) {
        List<String> changes = new ArrayList<>(after.lines().toList());
        before.lines().filter(line -> !changes.remove(line)).toList().forEach(line -> changes.add("no more: " + line));
        return changes;
    }

    @Override
    public void close() throws IOException {
        vm.close();
        host.close();
    }
}
