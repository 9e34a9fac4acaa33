package labeler.vm.qemu.block;

import java.util.List;
import labeler.chain.name.NetworkDisk;
import labeler.json.Json.JsonObject;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.LibraryFiles;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Block drivers that reach their disk over a network or a socket. Only the socket is a file of this host. */
final class RemoteDisks {
    /** Keys that tell a person which disk it is, the best first. */
    private static final List<String> WHERE =
            List.of("server.host", "host", "url", "pool", "volume", "portal", "export", "path", "target");

    private RemoteDisks() {}

    static NodeTarget declare(String driver, JsonObject options, Origin origin, DefinitionBuilder out) {
        Settings settings = Settings.of(options);
        for (Settings.Setting setting : settings.all()) {
            byte[] value = ByteText.bytes(setting.value());
            if (setting.key().equals("server.abstract") && settings.isOn(setting.key())) {
                out.abstractSocket(origin, "give the server a path, or let it listen at a port");
            } else if (isSocket(driver, setting.key())) {
                out.file(origin, FileRole.SOCKET, value, UseAccess.READ_WRITE);
            } else if (driver.equals("rbd") && setting.key().equals("conf")) {
                out.file(origin, FileRole.CONFIGURATION, value, UseAccess.READ_ONLY);
            } else if (driver.equals("gluster") && setting.key().equals("logfile")) {
                out.file(origin, FileRole.LOG, value, UseAccess.CREATE);
            } else if (mayNameFile(setting) && !NetworkDisk.isOption(driver, setting.key(), setting.value())) {
                out.notUnderstood(
                        origin,
                        "the option " + ByteText.shown(setting.key()) + " of the driver " + driver
                                + " is not understood, and may name a file",
                        "leave it out, and give the disk's place by the options of qemu 10.0");
            }
        }
        if (driver.equals("rbd") && !settings.has("conf")) {
            LibraryFiles.ofCeph(origin, out);
        }
        if (driver.equals("ssh")) {
            LibraryFiles.ofSsh(origin, out);
        }
        String where = WHERE.stream()
                .flatMap(key -> settings.get(key).stream())
                .findFirst()
                .orElse("");
        return new NodeTarget.Outside(driver + ":" + where, driver);
    }

    /** A name in the older notation says more than which disk it is; and keys without a name are passed on to a library. */
    private static boolean mayNameFile(Settings.Setting setting) {
        return setting.value().contains("/")
                || setting.key().equals("filename")
                || setting.key().startsWith("=");
    }

    private static boolean isSocket(String driver, String key) {
        return switch (driver) {
            case "nbd" -> key.equals("server.path") || key.equals("path");
            case "gluster" -> key.startsWith("server.") && key.endsWith(".path");
            default -> false;
        };
    }
}
