#!/bin/sh
cat /etc/harbour.conf /srv/data.txt
