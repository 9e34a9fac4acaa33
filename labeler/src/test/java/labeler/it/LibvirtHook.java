package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.hook.HookScript;

/** The hook script of one host, called as libvirt calls it, with libvirt's XML. */
record LibvirtHook(Path script, Path socket) {
    static LibvirtHook of(Path directory, ServiceFixture service) throws IOException {
        return new LibvirtHook(
                Files.write(directory.resolve("libvirt-qemu.sh"), HookScript.script()), service.socket());
    }

    Command call(String vm, String operation, String step, String xml) throws IOException {
        return Command.run(
                Map.of("LABELER_SOCKET", socket.toString(), "LABELER_HOOK_SETTINGS", "/nowhere"),
                List.of("/bin/sh", script.toString(), vm, operation, step, "-"),
                xml.getBytes(StandardCharsets.UTF_8));
    }

    /** The XML that libvirt goes on with. */
    String comes(String vm, String xml) throws IOException {
        Command hook = call(vm, "migrate", "begin", xml);
        assertThat(hook.exitCode()).as("%s", hook).isZero();
        return hook.out().isEmpty() ? xml : hook.out();
    }

    void starts(String vm, String xml) throws IOException {
        assertThat(call(vm, "start", "begin", xml)).isEqualTo(new Command(0, "", ""));
    }

    void ends(String vm, String xml) throws IOException {
        assertThat(call(vm, "release", "end", xml)).isEqualTo(new Command(0, "", ""));
    }

    /** The domain's level in its XML. */
    static Optional<String> level(String xml) {
        int at = xml.indexOf("<label>");
        return at < 0
                ? Optional.empty()
                : Optional.of(xml.substring(xml.indexOf(":s0:", at) + 1, xml.indexOf("</label>", at)));
    }
}
