package labeler.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The root directory of a system that has only a policy, for {@code labeler policy --root}. Nothing is loaded into a
 * kernel.
 *
 * @param type the policy's name
 */
record ScratchPolicy(Path root, String type) {
    static final Path DIST = Path.of("target/dist").toAbsolutePath();
    static final Path SOURCES = Path.of("../selinux-policy").toAbsolutePath().normalize();
    static final Path MODULE = DIST.resolve("share/selinux/labeler.cil");
    static final int CATEGORIES = 1024;

    /** This machine's Debian policy from its package, without local booleans and without our module. */
    static ScratchPolicy debian(Path root) throws IOException {
        Files.createDirectories(root.resolve("var/lib"));
        Files.createDirectories(root.resolve("etc"));
        Command.done("cp", "-a", "/var/lib/selinux", root.resolve("var/lib").toString());
        Command.done("cp", "-a", "/etc/selinux", root.resolve("etc").toString());
        ScratchPolicy policy = new ScratchPolicy(root, "default");
        policy.checkNeverallows();
        Path active = root.resolve("var/lib/selinux/default/active");
        boolean local = Files.deleteIfExists(active.resolve("booleans.local"));
        boolean ours = policy.listing().contains(" labeler ");
        if (ours) {
            policy.semodule("--remove", "labeler");
        } else if (local) {
            policy.semodule("--build");
        }
        return policy;
    }

    /** The stand-in for the policy of Fedora and RHEL 10. It has only names and a few rules, so it is built quickly. */
    static ScratchPolicy fedora(Path root) throws IOException {
        return standIn(root, "fedora.cil", "virtqemud.cil");
    }

    /** The stand-in for the policy of RHEL 9, where one libvirt daemon does everything. */
    static ScratchPolicy rhel9(Path root) throws IOException {
        return standIn(root, "fedora.cil");
    }

    private static ScratchPolicy standIn(Path root, String... parts) throws IOException {
        Files.createDirectories(root.resolve("var/lib/selinux/targeted/active/modules"));
        Files.createDirectories(root.resolve("etc/selinux/targeted/policy"));
        Files.createDirectories(root.resolve("etc/selinux/targeted/contexts/files"));
        Files.writeString(root.resolve("etc/selinux/config"), "SELINUX=enforcing\nSELINUXTYPE=targeted\n");
        Path base = Files.writeString(root.resolve("base.cil"), base(parts));
        ScratchPolicy policy = new ScratchPolicy(root, "targeted");
        policy.checkNeverallows();
        policy.semodule("--priority", "100", "--install", base.toString());
        return policy;
    }

    private static String base(String... parts) throws IOException {
        String declared = IntStream.range(0, CATEGORIES)
                .mapToObj(number -> "(category c" + number + ")\n")
                .collect(Collectors.joining());
        String order = IntStream.range(0, CATEGORIES)
                .mapToObj(number -> "c" + number)
                .collect(Collectors.joining(" ", "(categoryorder (", "))\n"));
        StringBuilder base = new StringBuilder(declared).append(order);
        for (String part : parts) {
            base.append(Files.readString(SOURCES.resolve("tests").resolve(part)));
        }
        return base.toString();
    }

    /** Switches on the check of neverallow rules, which distributions leave off for speed. */
    private void checkNeverallows() throws IOException {
        Files.writeString(root.resolve("etc/selinux/semanage.conf"), "module-store = direct\nexpand-check = 1\n");
    }

    /** Runs semodule(8) with these actions in this store. */
    String semodule(String... actions) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of("semodule", "--noreload", "--path", root.toString(), "--store", type),
                        Stream.of(actions))
                .toList();
        return Command.done(command.toArray(String[]::new));
    }

    String listing() throws IOException {
        return semodule("--list-modules=full", "--checksum");
    }

    /** {@code labeler policy ACTION --root …}, by the shipped launch script. */
    Command labeler(String... arguments) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(DIST.resolve("bin/labeler").toString(), "policy", "--root", root.toString()),
                        Stream.of(arguments))
                .toList();
        return Command.run(Map.of(), command);
    }

    /** The policy file that a kernel would load. */
    Path binary() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("etc/selinux/" + type + "/policy"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("policy."))
                    .findFirst()
                    .orElseThrow();
        }
    }

    Path fileContexts() {
        return root.resolve("etc/selinux/" + type + "/contexts/files/file_contexts");
    }
}
