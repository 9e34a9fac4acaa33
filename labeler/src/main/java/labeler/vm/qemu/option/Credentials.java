package labeler.vm.qemu.option;

import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Settings;

/** Directories of keys and certificates, from which programs take files by fixed names. */
record Credentials(String directory, OptionContext in) {
    private static final String SHARED_KEYS = "keys.psk";

    /** {@code -object tls-creds-…}; without a directory there is none to read. */
    static void tls(Settings settings, OptionContext in) {
        String directory = settings.text("dir");
        if (directory.isEmpty()) {
            return;
        }
        Credentials files = new Credentials(directory, in);
        boolean isServer = settings.text("endpoint").equals("server");
        switch (settings.text("qom-type")) {
            case "tls-creds-x509" -> files.certificates(isServer);
            case "tls-creds-psk" -> files.secret(SHARED_KEYS);
            default -> {}
        }
        if (isServer) {
            files.perhaps(FileRole.CONFIGURATION, KeyFiles.PARAMETERS);
        }
    }

    private void certificates(boolean isServer) {
        file(KeyFiles.AUTHORITY);
        if (isServer) {
            perhaps(FileRole.CONFIGURATION, KeyFiles.REVOKED);
            file(KeyFiles.SERVER);
            secret(KeyFiles.SERVER_KEY);
        } else {
            perhaps(FileRole.CONFIGURATION, KeyFiles.CLIENT);
            perhaps(FileRole.SECRET, KeyFiles.CLIENT_KEY);
        }
    }

    /** {@code -spice}: the directory counts with a port for TLS alone, and only for files that are not named. */
    static void spice(Settings settings, OptionContext in) {
        if (!settings.has("tls-port") || settings.text("tls-port").equals("0")) {
            return;
        }
        Credentials files = new Credentials(settings.get("x509-dir").orElse("."), in);
        if (!settings.has("x509-cacert-file")) {
            files.file(KeyFiles.AUTHORITY);
        }
        if (!settings.has("x509-cert-file")) {
            files.file(KeyFiles.SERVER);
        }
        if (!settings.has("x509-key-file")) {
            files.secret(KeyFiles.SERVER_KEY);
        }
    }

    /** The database of an emulated smartcard. */
    static void database(String directory, OptionContext in) {
        for (String name : KeyFiles.CARD) {
            new Credentials(directory, in).perhaps(KeyFiles.roleInCard(name), name);
        }
    }

    private void file(String name) {
        in.file(FileRole.CONFIGURATION, path(name), UseAccess.READ_ONLY);
    }

    private void secret(String name) {
        in.file(FileRole.SECRET, path(name), UseAccess.READ_ONLY);
    }

    private void perhaps(FileRole role, String name) {
        in.perhaps(role, path(name), UseAccess.READ_ONLY);
    }

    private String path(String name) {
        return directory + "/" + name;
    }
}
