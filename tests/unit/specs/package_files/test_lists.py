"""Lists from public repositories, their names alone: which each reader takes, and the numbers of the other lines.

The folders are called OWNER+REPOSITORY. Some lists are shortened; docs/evidence/package-files.md has the table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.specs.package_files.read import read_package_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.specs.package_files.values import PackageFile

LISTS: Final = Path(__file__).parent / "lists"
TABLE: Final = Path(__file__).parents[4] / "docs" / "evidence" / "package-files.md"
EXPECTED: Final[Mapping[str, tuple[str, str, list[int]]]] = {
    "0-Bhavin+Streamlit-GenAI/devcontainer.json": (
        "devcontainer",
        "pip:streamlit",
        [3, 4, 4, 5],
    ),
    "0-mostafa-rezaee-0+local-whisper-transcriber/devcontainer.json": (
        "devcontainer",
        "",
        [2, 4, 5, 7],
    ),
    "0000xFFFF+pisetup/packages.txt": (
        "names",
        "git make zoxide exa",
        [],
    ),
    "000nico+dotfiles/packages.txt": (
        "names",
        (
            "alsa-utils base base-devel bluetui brightnessctl btop btrfs-progs cava cmatrix fastfetch fd "
            "fish fwupd git github-cli grim gnome-themes-extra gvfs intellij-idea-community-edition "
            "intel-ucode kitty lazygit linux linux-firmware ly mako matugen nano neovim networkmanager "
            "nwg-look obsidian obs-studio pamixer pacman-contrib papirus-icon-theme pipewire-alsa "
            "pipewire-pulse playerctl powertop rofi satty sof-firmware starship sudo swaybg swayidle thunar "
            "thunar-volman tlp tlp-rdw tmux ttf-dejavu ttf-jetbrains-mono ttf-jetbrains-mono-nerd tumbler "
            "waybar wf-recorder wl-clipboard wob xdg-desktop-portal-wlr yazi zed"
        ),
        [],
    ),
    "0102-yang+AI-For-Beginners/devcontainer.json": (
        "devcontainer",
        "",
        [2, 3, 6],
    ),
    "01xz+gem5-dev/Dockerfile": (
        "dockerfile",
        (
            "build-essential git m4 scons zlib1g zlib1g-dev libprotobuf-dev protobuf-compiler libprotoc-dev "
            "libgoogle-perftools-dev python3-dev python-is-python3 doxygen libboost-all-dev "
            "libhdf5-serial-dev python3-pydot libpng-dev libelf-dev pkg-config pip python3-venv pip:mypy "
            "sudo"
        ),
        [3, 12, 15],
    ),
    "0918nobita+env/playbook.yml": (
        "ansible",
        "zsh git neofetch",
        [],
    ),
    "0LNetworkCommunity+libra-legacy-v6/Dockerfile": (
        "dockerfile",
        "build-essential cmake clang llvm secure-delete lld cargo:toml-cli",
        [1],
    ),
    "0b11stan+ansible-centos-openldap/playbook.yml": (
        "ansible",
        (
            "openldap compat-openldap openldap-servers openldap-servers-sql openldap-clients openldap-devel "
            "python-ldap vim"
        ),
        [8, 23],
    ),
    "0xdevalias+dotfiles/Brewfile": (
        "brewfile",
        (
            "grc coreutils spark zsh zsh-completions antigen mas wget aria2 x265 nodenv node-build rbenv "
            "ruby-build pyenv pyenv-virtualenv jenv git hub typesafe-activator haskell-stack nasm libsodium "
            "exiftool john-jumbo nmap sslyze exploitdb afl-fuzz jad proxychains-ng srcclr dependency-check "
            "unrar tmux"
        ),
        [1, 2, 3, 10, 12, 14, 45],
    ),
    "0xf2y+LAMP-Installation-Using-Ansible/playbook.yml": (
        "ansible",
        "",
        [3],
    ),
    "1334+hetzner-dokku/cloud-init.yaml": (
        "cloud-init",
        ("ufw fail2ban unattended-upgrades curl wget git debian-keyring debian-archive-keyring apt-transport-https"),
        [2, 6, 7, 18],
    ),
    "18F+identity-idp/Brewfile": (
        "brewfile",
        "postgresql@14 redis node@22 yarn openssl@1.1 jq",
        [7],
    ),
    "18F+laptop/Brewfile": (
        "brewfile",
        "git the_silver_searcher postgresql mysql redis phantomjs hub cf-cli libgit2 go",
        [1, 4, 10, 12, 13, 14, 15, 16, 17, 18],
    ),
    "18F+project-planner/Aptfile": (
        "aptfile",
        "postgresql-client",
        [],
    ),
    "1n5k+MusicBot/Aptfile": (
        "aptfile",
        (
            "libopus0 git libopus-dev libssl-dev libffi-dev libsodium-dev build-essential libncursesw5-dev "
            "libgdbm-dev libc6-dev zlib1g-dev libsqlite3-dev tk-dev libssl-dev openssl python3-pip"
        ),
        [16],
    ),
    "1sSay+Archlinux/packages.txt": (
        "names",
        "google-chrome telegram-desktop discord anaconda",
        [],
    ),
    "2i2c-org+utoronto-image/apt.txt": (
        "names",
        (
            "zip dbus-x11 firefox xfce4 xfce4-panel xfce4-terminal xfce4-session xfce4-settings xorg "
            "xubuntu-icon-theme openjdk-8-jre libreoffice dvipng ghostscript texlive-fonts-recommended "
            "texlive-latex-base texlive-latex-extra texlive-latex-recommended texlive-plain-generic "
            "texlive-publishers texlive-science texlive-xetex cm-super pandoc"
        ),
        [],
    ),
    "ADGVLOGS+pyodbc-heroku-config/Aptfile": (
        "aptfile",
        "unixodbc unixodbc-dev freetds-dev freetds-bin tdsodbc",
        [],
    ),
    "AllenDowney+ModSimPy/apt.txt": (
        "names",
        "texlive-latex-base texlive-latex-recommended texlive-xetex dvipng ghostscript",
        [],
    ),
    "Cancani+sem3-template/cloud-init.yaml": (
        "cloud-init",
        "git docker.io docker-compose",
        [2, 4, 9],
    ),
    "CompVis+stable-diffusion/environment.yaml": (
        "environment",
        (
            "pip:albumentations==0.4.3 pip:opencv-python==4.5.5.64 pip:test-tube pip:flask_socketio==5.3.0 "
            "pip:dependency_injector==4.40.0 pip:eventlet pip:kornia==0.6.0"
        ),
        [2, 6, 7, 8, 9, 10, 11, 20, 21],
    ),
    "ENCCS+python-for-hpc/pylock.toml": (
        "pylock",
        "pip:accessible-pygments==0.0.5 pip:alabaster==1.0.0 pip:babel==2.17.0",
        [12],
    ),
    "HariSekhon+Templates/user-data": (
        "cloud-init",
        "curl iptables iputils-ping less net-utils ntp ntpdate procps psmisc screen traceroute tmux vim",
        [4, 6, 22],
    ),
    "IntelRealSense+librealsense/apt.txt": (
        "names",
        "libusb-1.0.0-dev ffmpeg",
        [],
    ),
    "MariaDB+mariadb_kernel/apt.txt": (
        "names",
        "mariadb-server vim",
        [],
    ),
    "RoseSecurity+Terramaid/Dockerfile": (
        "dockerfile",
        "go:github.com/RoseSecurity/terramaid apt-utils ca-certificates curl unzip zsh-autosuggestions",
        [2, 4, 8, 9],
    ),
    "RostislavDugin+postgresus/Dockerfile": (
        "dockerfile",
        (
            "ca-certificates curl gnupg sudo git postgresql-client zstd python3 python3-pip pre-commit "
            "libncurses5 libncurses6 libtinfo5 libtinfo6 libmariadb3 libgnutls30 nodejs gh libpq5"
        ),
        [1, 17, 19, 20],
    ),
    "airbus+scikit-decide/environment.yml": (
        "environment",
        (
            "pip:cdsapi pip:cfgrib pip:cartopy pip:matplotlib pip:ipywidgets pip:ipympl "
            "pip:scikit-decide==0.9.6 pip:nbgitpuller pip:openap pip:pygeodesy pip:pyvirtualdisplay "
            "pip:PyOpenGL-accelerate pip:PyOpenGL pip:xarray"
        ),
        [2, 6, 7, 8, 9, 10],
    ),
    "airlift-challenge+airlift-starter-kit/environment.yml": (
        "environment",
        "",
        [2, 6, 7, 11],
    ),
    "bxff+Ubuntu-in-Heroku/Dockerfile": (
        "dockerfile",
        "build-essential software-properties-common byobu curl git htop man unzip vim wget",
        [1, 8, 9],
    ),
    "expressjs+express/package.json": (
        "package-json",
        (
            "npm:accepts npm:array-flatten=1.1.1 npm:body-parser=1.18.2 npm:cookie=0.3.1 npm:debug=2.6.9 "
            "npm:send=0.16.2 npm:vary npm:after=0.8.2 npm:mocha=3.5.3 npm:connect-redis"
        ),
        [],
    ),
    "home-assistant+core/requirements.txt": (
        "requirements",
        (
            "pip:aiodns==4.0.4 pip:aiohttp==3.13.5 pip:aiohttp_cors==0.8.1 pip:certifi "
            "pip:cryptography==48.0.0 pip:Jinja2==3.1.6 pip:PyYAML==6.0.3 pip:typing-extensions pip:urllib3 "
            "pip:uv==0.11.16"
        ),
        [1],
    ),
    "openai+whisper/requirements.txt": (
        "requirements",
        ("pip:numba pip:numpy pip:torch pip:tqdm pip:more-itertools pip:tiktoken pip:triton pip:scipy pip:pytest"),
        [],
    ),
    "pallets+flask/requirements-dev.txt": (
        "requirements",
        (
            "pip:alabaster==0.7.12 pip:appdirs==1.4.4 pip:attrs==19.3.0 pip:babel==2.8.0 pip:blinker==1.4 "
            "pip:certifi==2020.4.5.1 pip:cfgv==3.1.0 pip:chardet==3.0.4 pip:click==7.1.2 pip:distlib==0.3.0 "
            "pip:docutils==0.16 pip:filelock==3.0.12 pip:greenlet==0.4.16 pip:more-itertools==8.3.0 "
            "pip:pallets-sphinx-themes==1.2.3 pip:pip-tools==5.3.1 pip:py==1.9.0 pip:pytest==6.0.1 "
            "pip:six==1.15.0 pip:sphinx==3.1.2 pip:tox==3.18.1 pip:virtualenv==20.0.21"
        ),
        [],
    ),
    "ultralytics+yolov5/requirements.txt": (
        "requirements",
        (
            "pip:gitpython pip:matplotlib pip:numpy pip:opencv-python pip:pillow pip:psutil pip:PyYAML "
            "pip:requests pip:scipy pip:thop pip:torch pip:torchvision pip:tqdm pip:ultralytics pip:pandas "
            "pip:seaborn pip:packaging pip:setuptools pip:urllib3"
        ),
        [],
    ),
}


def read(name: str) -> PackageFile:
    path = LISTS / name
    return read_package_file(path.name, path.parent, bytes)


def test_every_list_is_expected() -> None:
    assert {str(path.relative_to(LISTS)) for path in LISTS.glob("*/*")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_list_gives_its_names_and_says_each_other_line(name: str) -> None:
    kind, names, left = EXPECTED[name]
    found = read(name)
    assert found.kind == kind
    assert [row.name for row in found.entries] == names.split()
    assert [row.line for row in found.not_taken] == left


def test_the_table_in_the_docs_counts_what_is_taken() -> None:
    rows = [line.split(" | ")[:4] for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    expected = []
    for name in EXPECTED:
        found = read(name)
        owner = name.partition("/")[0].replace("+", "/")
        file = name.partition("/")[2]
        taken, left = str(len(found.entries)), str(len(found.not_taken))
        expected.append([f"| `{owner}` {file}", found.kind, taken, left])
    assert rows == expected
